// Constants of the public log's lists and signatures, equal to survey/public_log/receipts.py and crypto/checkpoints.py.

/** Lists of a box's receipts, one for each first byte. */
export const BUCKETS = 256;
/** Bytes of a key's id in a signature line of a C2SP signed note. */
export const CHECKPOINT_KEY_ID_SIZE = 4;
/** The signature type in a C2SP verifier key. */
export const ED25519 = 1;
