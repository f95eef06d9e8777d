// Constants of the proof of work, equal to those in survey/admission/proof_of_work.py.

export const WORK_ALGORITHM = "PBKDF2/SHA-256";
export const WORK_HEADER = "Sotto-Work";
