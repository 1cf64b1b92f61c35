// For the page alone. It stands apart from events.js because classic Outlook never calls onReady,
// and the page may deliver no events without it.
Office.onReady();
