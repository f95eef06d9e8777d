// Sizes, labels and alphabets of sealed answers, as crypto/envelope.py, tokens.py, withdrawal.py, word_codes.py and
// invitation_codes.py define them; sizes are in bytes. A test compares each literal.

/** Envelope version 2, suite 1: X-Wing, HKDF-SHA256, ChaCha20-Poly1305. */
export const SUITE = [2, 1] as const;
/** First byte of every body: to the collection host, the issuer or the withdrawal page. */
export const BODY_VERSION = 2;
export const INFO_LABEL = "sotto envelope v2\0";
export const STUDY_LABEL = "sotto study\0";
export const KEY_LABEL = "sotto key\0";
export const ROW_KEY_LABEL = "sotto tag\0";
export const STUDY_ID_SIZE = 16;
export const KEY_ID_SIZE = 8;
export const ROW_KEY_SIZE = 32;
/** X-Wing. */
export const PUBLIC_KEY_SIZE = 1216;
/** An ML-KEM-768 ciphertext (1088), then an X25519 share. */
export const ENC_SIZE = 1120;
/** Before the payload in a plaintext: its length, big-endian, then u. */
export const LENGTH_SIZE = 2;
/** Of u, whose commitment c a token signs; it leaves the phone only inside the envelope. */
export const SEAL_SECRET_SIZE = 32;
/** RSA-2048: also the size of an issuer's modulus, of what is blinded and of what it signs. */
export const SIGNATURE_SIZE = 256;
/** Before the envelope in a record: t 32, c 32, prefix 32, signature 256; all zeros on an open link. */
export const TOKEN_SIZE = 352;
/** Plaintexts of a study have one size, a multiple of this. */
export const PLAINTEXT_STEP = 256;

export const OWNER_LABEL = "sotto owner\0";
export const SEAL_LABEL = "sotto seal\0";
export const MESSAGE_LABEL = "sotto token v2\0";
export const OWNER_SECRET_SIZE = 32;
/** Random bytes before a message that is signed blind (RFC 9474 section 4.1). */
export const PREFIX_SIZE = 32;
/** Of RSASSA-PSS with SHA-384. */
export const SALT_SIZE = 48;

export const WITHDRAWAL_LABEL = "sotto withdraw\0";
/** PBKDF2 rounds (2^17): a code has 88 bits, and each guess costs as much as 17 bits more. */
export const WITHDRAWAL_ROUNDS = 131_072;

/** A word code has eight words of a BIP-39 list, 11 bits each. */
export const WORDS = 8;
export const LIST_SIZE = 2048;
/** Words of the list that are offered in place of a mistyped one. */
export const SUGGESTIONS = 3;

/** Crockford's base 32: no I, L, O or U. */
export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Of an invitation code before its check symbol, and the groups in which slips show all of them. */
export const SYMBOLS = 16;
export const GROUPS = [4, 4, 4, 5] as const;
