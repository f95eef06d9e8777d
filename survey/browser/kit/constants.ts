// The file of a kit's queue, as crypto/kit_file.py has it.

export const QUEUE_FORMAT = "sotto-queue-1";
