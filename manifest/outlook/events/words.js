// @ts-check
/**
 * Outlook asks before Send. Collect, ask, seal, say; the service has the opinions.
 *
 * Classic Outlook on Windows runs this script in a bare engine: no page, no modules, and of the
 * language what ES2016 had, less `async`, `await` and the conditional operator. Every other Outlook
 * loads it in events.html, and the pane in pane.html, which uses its functions. Hence one plain
 * script, complete addresses, and nothing of a browser. `manifest build` makes one file of the
 * parts, in the order that addin_service/manifest_outlook.py gives.
 */

const SERVICE = "@SERVICE@";
const VERSION = "@VERSION@";

/**
 * What happens while the service is out of reach and was never heard: `manifest build` decides.
 *
 * @type {string}
 */
const NEVER_HEARD = "@UNREACHABLE@";

/**
 * What happens in an Outlook that nobody has introduced yet: `hold`, `send-with-notice` or `send`.
 *
 * @type {string}
 */
const UNPAIRED = "@UNPAIRED@";

/**
 * The application that Outlook signs people in for; "" where they bring a code instead.
 *
 * @type {string}
 */
const ENTRA = "@ENTRA@";

/** The button of the manifest that opens the pane, for "Take Action". */
const PANE_COMMAND = "lastLookPane";

/** Outlook grumbles five seconds after the click on Send, and its own start is part of them. */
const COLLECT_MS = 1500;
const ANSWER_MS = 3400;
const TRACES_MS = 1000;
const REPORT_MS = 700;
const MEMORY_MS = 300;
const ENTRA_MS = 1000;
const LAST_RESORT_MS = 4000;

/** So long before the last resort the readers are compared, and the report is given up. */
const RECHECKED_MS = 300;
const REPORTED_MS = 100;

/**
 * Sealing takes as long as its files are large. Outlook says that it takes longer, and gives up
 * after five minutes: by then everything must be back in its place.
 */
const CALL_MS = 15000;
const SEAL_MS = 60000;
const SWAP_UNTIL_MS = 150000;
const PUT_BACK_MS = 60000;
const LAST_SEAL_MS = 240000;
const DECRYPT_MS = 30000;

/** One lost request is no reason to hold a mail. */
const TRIES = 2;

/** Outlook's limits: longer texts are dropped, or cut in the wrong place. */
const LONGEST_TEXT = 500;
const LONGEST_LABEL = 20;
const LONGEST_NOTICE = 150;
const LONGEST_SUBJECT = 255;
const LONGEST_BODY = 1000000;

/** Of one attachment, in letters of Base64; and so much may a message carry in all. */
const LARGEST_FILE = 34865152;

/** A sealed file has grown by Base64 twice: of more than this, Outlook would not take it. */
const MOST_BYTES = 13000000;

/** The service's limits: what is longer is cut, since a refused question holds the mail. */
const LIMITS = { text: 1000000, subject: 10000, name: 1000 };

/** @type {("to" | "cc" | "bcc")[]} */
const FIELDS = ["to", "cc", "bcc"];
const SEVERITIES = ["stop", "warn", "note"];
const VERDICTS = ["allow", "confirm", "block"];
const DIRECTIONS = ["hold", "send-with-notice"];

/**
 * Doubts that "Send Anyway" may answer. The others ask for more than a click; so does a choice
 * between two addresses: a tired click is how such mails went wrong, and nobody would record it.
 */
const CLICKABLE = ["acknowledge"];

/** Characters that are not seen, or that turn the line around. */
const UNSEEN = new RegExp(
  "[\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E" +
    "\\u2060-\\u206F\\uFEFF\\uFFF9-\\uFFFB]",
  "g"
);

const WORDS = {
  notSent: "Your message has not been sent.",
  notAsItIs: "This message cannot go as it is.",
  lookAgain: "Please look again before this goes.",
  again:
    "It is still here, unchanged. Press Send again in a moment. If this comes back, tell your " +
    "helpdesk.",
  pressAgain: "Then press Send again.",
  noSender: "Outlook does not say who this is sent from. Choose the From address again.",
  noRecipients:
    "Outlook shows no recipients to Last Look. Delete each name in To, Cc and Bcc and choose it " +
    "again from what Outlook suggests.",
  openTheList:
    "If it is a contact list, open it with the + beside it. Otherwise delete it and choose the " +
    "person again.",
  tooMany: "There are more recipients here than Outlook shows to Last Look. Send to fewer at once.",
  notSeen: "Outlook did not let Last Look see all of it.",
  changed: "The message was changed while Last Look was looking at it.",
  notAllowed: "Your organisation does not let this be sent.",
  stranger: "This Outlook has not been introduced to Last Look yet, so nothing was looked at.",
  ended: "This Outlook's access to Last Look has ended, so nothing was looked at.",
  connect: "Last Look's pane beside the message connects it, in a minute.",
  nonsense: "What Last Look answered was not understood. It may be another version.",
  unreachable: "Last Look cannot be reached.",
  refused: "Last Look could not look at this message:",
  unchecked: "This message has not been checked.",
  goesUnchecked: "Your organisation lets mail go in this case.",
  toPane: "Open Last Look",
  toMessage: "Back to the message",
};

/** What is said about sealing. */
const SEALING = {
  mustBe: "This message is to be sealed.",
  blind:
    "A sealed message cannot have hidden recipients in Outlook. Take them out of Bcc, and send " +
    "them a message of their own.",
  cloud: "is a link to a file elsewhere, which cannot be sealed. Attach it as a copy.",
  empty: "came without its content. If it is protected, attach an unprotected copy; else attach it again.",
  picture:
    "A picture in the text cannot be read. Take it out, or attach it as a file.",
  tooLong: "The text is too long to be sealed in Outlook. Put it into a document and attach that.",
  tooLarge: "The files are too large to be sealed in Outlook, which takes about 13 MB.",
  sameName: "An attached file has the name of the sealed one. Delete it, or give it another.",
  foreign: "This message is already encrypted or signed in another way. Switch that off first.",
  failed: "Outlook did not let Last Look seal it.",
  extra: "Your message is here as you wrote it. If encrypted.asc is attached too, delete that.",
  broken:
    "Outlook did not let Last Look put everything back. The whole message is in encrypted.asc, " +
    "attached here, sealed for its readers.",
  replaced: "The text here may be the notice that goes with a sealed file.",
  startAnew: "Start a new message, and copy into it what you need from this one.",
  interrupted: "Sealing this message was interrupted.",
  altered: "This message was sealed, and then changed.",
  handedOver:
    "This message is sealed. Save the attached file encrypted.asc and open it with your own key: " +
    "in Thunderbird or another OpenPGP program, or with: addin-service open encrypted.asc",
};

/** Where things are kept: in the session of a draft and in the mailbox's settings. */
const MEMORY = "last-look";
const NOTICE = "last-look";
const TOKEN = "last-look-token";
const DRAFT_ID = "last-look-draft";
const SEALED = "last-look-sealed";

/** The same in the message itself, which a session may not reach. */
const DRAFT_HEADER = "x-last-look-draft";
const SEALED_HEADER = "x-last-look-sealed";

/** Stands in place of the stamp from the first change of the draft to the last. */
const UNFINISHED = "unfinished";
