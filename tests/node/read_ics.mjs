// Reads a JSON list of iCalendar texts on stdin, writes for each what ical.js finds in it: the METHOD, and its events with their
// instants in UTC. Zones come from the VTIMEZONE of the same text and from nowhere else; one that is not there is an error.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

// The folder in which ical.js was installed is the argument.
const found = createRequire(process.argv[2] + "/")("ical.js");
const ICAL = found.default ?? found;

function instant(time) {
  const known = time.zone && time.zone !== ICAL.Timezone.localTimezone;
  if (!known) throw new Error(`${time.toString()} has a zone that the file does not explain`);
  return time.toJSDate().toISOString().replace(".000Z", "Z");
}

function person(property) {
  return property && { address: property.getFirstValue(), name: property.getFirstParameter("cn") ?? "", partstat: property.getFirstParameter("partstat") ?? "", rsvp: property.getFirstParameter("rsvp") ?? "" };
}

function event(component) {
  const read = new ICAL.Event(component);
  return {
    uid: read.uid,
    sequence: read.sequence,
    starts: instant(read.startDate),
    ends: instant(read.endDate),
    tzid: component.getFirstProperty("dtstart").getFirstParameter("tzid") ?? "",
    status: component.getFirstPropertyValue("status"),
    summary: read.summary ?? "",
    description: read.description ?? "",
    location: read.location ?? "",
    url: component.getFirstPropertyValue("url") ?? "",
    organizer: person(component.getFirstProperty("organizer")) ?? null,
    attendees: component.getAllProperties("attendee").map(person),
    alarms: component.getAllSubcomponents("valarm").length,
  };
}

function calendar(text) {
  ICAL.TimezoneService.reset();
  const root = new ICAL.Component(ICAL.parse(text));
  for (const zone of root.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return {
    method: root.getFirstPropertyValue("method"),
    name: root.getFirstPropertyValue("x-wr-calname") ?? "",
    zones: root.getAllSubcomponents("vtimezone").map((zone) => zone.getFirstPropertyValue("tzid")),
    events: root.getAllSubcomponents("vevent").map(event),
  };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(calendar)));
