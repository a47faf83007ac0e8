"""Messages about meetings and about leading one, in the programme's own words."""

from django.utils.translation import gettext_lazy as _

from notifications.editable_names import EVERYWHERE, MOMENT, TITLE, Editable, Name, own_subject, part

REMINDED = {
    "day_on": "2027-03-05", "clock": "18:00", "twelve": "6:00 p. m.", "zone": "America/Mexico_City", "mode": "live", "place": "",
    "elsewhere": [{"clock": "19:00", "zones": ["America/Bogota"], "day": ""}], "materials": ["Guía"], "preparation": "",
}  # fmt: skip
ENTERED = {
    "starts_at": MOMENT, "minutes": 90, "place": "", "online": True, "replies_read": False, "about": "", "preparation": "FLS",
}  # fmt: skip
LEADING = {
    "group": Name(_("The name of the group."), "Andes"), "quarter": Name(_("The quarter."), "2027-Q2"),
    "day_on": Name(_("The day of the meeting."), "2027-03-05"),
}  # fmt: skip
BEGINS = part(_("Day, hour and length in the reader's own time, with the city. It must stay."), "meeting_request/time")
WHERE = part(_("A sentence: where, or how to join."), "meeting_request/where")
TIME = part(_("Day and hour in the reader's own time, with the city. It must stay."), "reminder_day/time")
JOINING = part(_("A sentence: where, or how to join."), "reminder_day/joining")

OF_MEETINGS = {
    "meeting_request": Editable(
        _("A new meeting, with its calendar entry"),
        _("Answer"),
        EVERYWHERE
        | own_subject("meeting_request")
        | {
            "title": TITLE, "time": BEGINS, "where": WHERE,
            "about": Name(_("What the meeting is about; empty if nothing was written."), "FLS"),
            "preparation": part(_("What is asked to prepare; empty if nothing."), "meeting_request/preparation"),
            "answer": part(_("Sentences: how to answer, and that the link is personal. They must stay."), "meeting_request/answer"),
            "page": Name(_("The address of the page of the meeting."), key="url"),
            "entry": part(_("A sentence about the calendar entry."), "meeting_request/entry"),
        },
        link="secret_url",
        required=("link", "time", "where", "answer"),
        samples=ENTERED,
        varies=True,
    ),
    "meeting_update": Editable(
        _("A meeting has changed"),
        _("See the meeting"),
        EVERYWHERE
        | own_subject("meeting_update")
        | {
            "title": TITLE, "time": BEGINS, "where": WHERE, "news": part(_("A sentence: a new time, or something else."), "meeting_update/said"),
            "changes": part(_("Sentences: what it was before. They must stay."), "meeting_update/changes"),
            "answer": part(_("Sentences: how to answer, and that the link is personal. They must stay."), "meeting_update/answer"),
        },
        required=("link", "time", "where", "changes", "answer"),
        samples=ENTERED | {"was_at": MOMENT, "secret_url": "…"},
        varies=True,
    ),
    "meeting_cancel": Editable(
        _("A meeting is called off, or no longer asks the person"),
        _("See the meeting"),
        EVERYWHERE
        | own_subject("meeting_cancel")
        | {
            "title": TITLE, "decision": part(_("A sentence: called off, or no longer expected. It must stay."), "meeting_cancel/why"),
            "reason": part(_("The reason; empty for who is no longer expected."), "meeting_cancel/reason"),
        },
        required=("link", "decision", "reason"),
        samples={"starts_at": MOMENT, "called_off": True, "reason": "FLS"},
        varies=True,
    ),
    "place_free": Editable(
        _("A place in a meeting is free"),
        _("Open the meeting"),
        EVERYWHERE
        | own_subject("place_free")
        | {"title": TITLE, "begins_at": Name(_("Day and hour in the reader's own time, with the city. It must stay."), MOMENT)},
        required=("link", "begins_at"),
        varies=True,
    ),
    "reminder_day": Editable(
        _("Reminder the day before a meeting"),
        _("The page of the meeting"),
        EVERYWHERE
        | own_subject("reminder_day")
        | {
            "title": TITLE, "time": TIME, "joining": JOINING, "preparation": Name(_("What the trainer asks to prepare; empty if nothing.")),
            "elsewhere": part(_("The hour in other cities."), "reminder_day/elsewhere"),
            "materials": part(_("What to look at before, as a list."), "own_words/materials"),
            "to_prepare": part(_("What to prepare and to look at, with its heading; empty if nothing."), "reminder_day/prepare"),
        },
        required=("link", "time", "joining"),
        samples=REMINDED,
        varies=True,
    ),
    "reminder_soon": Editable(
        _("Reminder just before a meeting"),
        _("The page of the meeting"),
        EVERYWHERE | own_subject("reminder_soon") | {"title": TITLE, "time": TIME, "joining": JOINING},
        required=("link", "time", "joining"),
        samples=REMINDED,
        varies=True,
    ),
    "meeting_summary": Editable(
        _("Summary of a meeting"),
        _("Everything about the meeting"),
        EVERYWHERE
        | {
            "title": TITLE, "minutes": part(_("Decisions, actions and notes, as lists. They must stay."), "meeting_summary/said"),
            "more": part(_("A sentence: how many more entries there are; empty if none."), "meeting_summary/more"),
            "feedback": part(_("The link to the questionnaire of the meeting; empty if there is none."), "meeting_summary/feedback"),
            "transcript": Name(_("The address of the transcript."), key="transcript_url"),
            "recording": part(_("A sentence about the recording."), "meeting_summary/recording"),
        },
        required=("link", "minutes", "feedback"),
        samples={
            "decisions": ["…"], "actions": [["…", "FLS", ""]], "notes": ["…"], "more": 2, "secret_feedback": ["…"], "recording": True,
        },
        private=("decisions", "actions", "notes", "more"),
    ),
    "meeting_duty": Editable(
        _("A group's turn to lead a regional meeting"),
        _("Open the page"),
        EVERYWHERE
        | own_subject("meeting_duty")
        | LEADING
        | {
            "news": part(_("Sentences: proposed, leading, or no longer leading, with the day and the reason. They must stay."), "meeting_duty/said"),
            "opens": part(_("A sentence: what the button opens."), "meeting_duty/opens"),
        },
        required=("link", "news"),
        samples={"news": "proposed", "planned": True, "reason": "", "topic": ""},
        varies=True,
    ),
    "checklist_step": Editable(
        _("A step of the checklist is open"),
        _("Open the checklist"),
        EVERYWHERE
        | own_subject("checklist_step")
        | LEADING
        | {
            "step_name": Name(_("The step."), "FLS"), "due_on": Name(_("The day on which the step is due."), "2027-02-19"),
            "news": part(_("Sentences: the step, and when it is or was due. They must stay."), "checklist_step/said"),
        },
        required=("link", "news"),
        samples={"stage": "ahead"},
        varies=True,
    ),
}  # fmt: skip
