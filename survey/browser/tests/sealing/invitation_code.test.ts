// Invitation codes: the shared vectors hold here as in Python, mistakes included.
import { describe, expect, it } from "vitest";
import { InvitationCodeError, readInvitationCode } from "../../sealing/invitation_code";
import { vector } from "../vectors";

interface Case {
  typed: string;
  code: string;
  why: string;
  reason: string;
}

const vectors = vector<{ good: Case[]; bad: Case[] }>("codes.json");

describe("codes", () => {
  it.each(vectors.good)("understands $typed", ({ typed, code }) => {
    expect(readInvitationCode(typed)).toBe(code);
  });

  it.each(vectors.bad)("refuses one with $why", ({ typed, reason }) => {
    expect(() => readInvitationCode(typed)).toThrow(InvitationCodeError);
    try {
      readInvitationCode(typed);
    } catch (error) {
      expect((error as InvitationCodeError).reason).toBe(reason);
    }
  });
});
