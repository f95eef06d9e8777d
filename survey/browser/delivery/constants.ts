// The proof of work on the wire, as survey/admission/proof_of_work.py has it.

export const WORK_ALGORITHM = "PBKDF2/SHA-256";
export const WORK_HEADER = "Sotto-Work";
