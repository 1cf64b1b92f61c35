// @ts-check
/** Who the sender is to the service. Beside a message, unlike at Send, Outlook may ask. */
/* global ENTRA, OfficeRuntime, token, within */

/** Signing in is typing a password, and looking for a telephone. */
const SIGN_IN_MS = 120_000;

/** Asked once: who closes that window wants to bring a code. */
let asked = false;

/** @returns {Promise<string | null>} null where nobody has introduced this Outlook */
export async function bearer() {
  const known = await token();
  if (known || ENTRA === "" || asked) return known;
  asked = true;
  try {
    const options = { allowSignInPrompt: true, allowConsentPrompt: true };
    return (await within(SIGN_IN_MS, OfficeRuntime.auth.getAccessToken(options))) || null;
  } catch {
    return null;
  }
}
