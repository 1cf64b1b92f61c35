// @ts-check
/** Thunderbird asks before Send. Collect, ask, show; the service has the opinions. */

import { afterSend, composeWindowGone } from "./after.js";
import { beforeSend } from "./before.js";
import { lookNow } from "./button.js";
import { helpEarly } from "./early.js";
import { whenDraftChanges } from "./flow.js";
import { learnByAlarm } from "./learning.js";
import { bookChanged, learnAfterStart } from "./learning-alarms.js";
import { during } from "./quiet.js";
import { tellTheService } from "./telling.js";

messenger.compose.onBeforeSend.addListener((tab, details) => during(beforeSend(tab, details)));
messenger.compose.onAfterSend.addListener(afterSend);
messenger.tabs.onRemoved.addListener(composeWindowGone);
messenger.composeAction.onClicked.addListener(lookNow);
messenger.action.onClicked.addListener(() => messenger.runtime.openOptionsPage());
messenger.alarms.onAlarm.addListener(tellTheService);
messenger.runtime.onStartup.addListener(tellTheService);
// Without a start of Thunderbird: installed or renewed just now, and so without its token.
messenger.runtime.onInstalled.addListener(tellTheService);
whenDraftChanges(helpEarly);

messenger.alarms.onAlarm.addListener(learnByAlarm);
messenger.runtime.onStartup.addListener(learnAfterStart);
messenger.runtime.onInstalled.addListener(learnAfterStart);
const { contacts } = messenger.addressBooks;
for (const change of [contacts.onCreated, contacts.onUpdated, contacts.onDeleted]) {
  change.addListener(bookChanged);
}
