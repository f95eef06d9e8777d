// Constants of the delivery, equal to those in survey/respond_app/hand_in.py, survey/issuer_app/views.py and
// survey/admission/proof_of_work.py.

/** Bytes of every answer to a hand-in. */
export const HAND_IN_SIZE = 64;
/** Bytes of every answer to a redemption. */
export const REDEEM_SIZE = 256;

export const WORK_ALGORITHM = "PBKDF2/SHA-256";
export const WORK_HEADER = "Sotto-Work";
