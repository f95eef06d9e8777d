// Invitation codes as people type them (twin of crypto/invitation_codes.py), checked before any request is made.
import { ALPHABET, SYMBOLS } from "./constants";

export type InvitationCodeFault = "length" | "symbol" | "check";

/** Typed text that is no invitation code; `reason` names the fault. */
export class InvitationCodeError extends Error {
  override readonly name = "CodeError";
  readonly reason: InvitationCodeFault;

  constructor(reason: InvitationCodeFault) {
    super(`not an invitation code: ${reason}`);
    this.reason = reason;
  }
}

/** What people put between the symbols of a code. */
export const SEPARATORS = /[ \-–—_.·\t\n\u00a0\u3000]/g;

/** Returns the 17 symbols of a typed code; throws InvitationCodeError. */
export function readInvitationCode(typed: string): string {
  const code = typed.toUpperCase().replace(SEPARATORS, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if ([...code].some((symbol) => !ALPHABET.includes(symbol))) throw new InvitationCodeError("symbol");
  if (code.length !== SYMBOLS + 1) throw new InvitationCodeError("length");
  if (checkSymbol(code.slice(0, SYMBOLS)) !== code.charAt(SYMBOLS)) throw new InvitationCodeError("check");
  return code;
}

/** Returns the check symbol: ISO 7064, the hybrid system with modulus 33, 32. */
function checkSymbol(body: string): string {
  const modulus = ALPHABET.length;
  const doubled = (check: number): number => ((check || modulus) * 2) % (modulus + 1);
  const sum = [...body].reduce((check, symbol) => (doubled(check) + ALPHABET.indexOf(symbol)) % modulus, modulus / 2);
  return ALPHABET.charAt((1 - doubled(sum) + 2 * modulus) % modulus);
}
