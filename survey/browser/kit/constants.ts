// The format of a kit's queue file, equal to crypto/kit_file.py.

export const QUEUE_FORMAT = "sotto-queue-2";
