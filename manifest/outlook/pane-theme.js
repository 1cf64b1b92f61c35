// @ts-check
/** Light or dark as Outlook is, which need not be as the computer is. */
/* global Office */

/** Below this the ground is dark: the middle between black and white, as eyes see it. */
const MIDDLE = 0.18;

/** @param {string} colour `#rrggbb` @returns {number | null} luminance, 0 to 1 */
function luminance(colour) {
  const found = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!found) return null;
  const [red, green, blue] = found.slice(1).map((pair) => (parseInt(pair, 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Where Outlook says nothing of its colours, those of the computer stay. */
export function followTheme() {
  const apply = () => {
    const ground = luminance(Office.context.officeTheme?.bodyBackgroundColor ?? "");
    const sheet = /** @type {HTMLLinkElement} */ (document.getElementById("dark"));
    if (ground !== null) sheet.media = ground < MIDDLE ? "all" : "not all";
  };
  apply();
  try {
    const changed = Office.EventType.OfficeThemeChanged;
    if (changed) Office.context.mailbox.addHandlerAsync(changed, apply, () => {});
  } catch {
    // Outlook does not tell; it is looked at again when the pane is opened again.
  }
}
