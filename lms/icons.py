"""The drawings: 24 × 24, one line weight, never without words beside them."""

ICONS = {
    "home": '<path d="M4 11l8-7 8 7v9H4z"/><path d="M10 20v-6h4v6"/>',
    "book": '<path d="M5 4h10a4 4 0 0 1 4 4v12H9a4 4 0 0 1-4-4z"/><path d="M5 16a4 4 0 0 1 4-4h10"/>',
    "calendar": '<rect x="4" y="5" width="16" height="15" rx="1"/><path d="M4 10h16M9 3v4M15 3v4"/>',
    "network": '<circle cx="6" cy="7" r="2.5"/><circle cx="18" cy="7" r="2.5"/><circle cx="12" cy="18" r="2.5"/>'
    '<path d="M8 8.5l3 7M16 8.5l-3 7M8.5 7h7"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18'
    ' 14.2a6.5 6.5 0 0 1 3.5 5.8"/>',
    "check": '<path d="M4 12l5 5L20 6"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
    "offline": '<path d="M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.5M19 12a10 10 0 0 0-5-2.8M12 19h.01"/>',
    "video": '<rect x="3" y="6" width="12" height="12" rx="1"/><path d="M15 11l6-4v10l-6-4"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="1"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="1"/><path d="M3.5 6.5L12 13l8.5-6.5"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l2 2.5H4z"/><path d="M10 21h4"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "results": '<path d="M4 20h16M7 16v-4M12 16V5M17 16V9"/>',
    "flag": '<path d="M5 21V4h12l-2 4 2 4H5"/>',
    "file": '<path d="M6 3h8l5 5v13H6z"/><path d="M14 3v5h5"/>',
    "quiz": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5h.01"/>',
    "survey": '<path d="M5 4h14v17H5z"/><path d="M9 9h6M9 13h6M9 17h3"/>',
    "lesson": '<path d="M4 5h6a2 2 0 0 1 2 2v13a2 2 0 0 0-2-2H4zM20 5h-6a2 2 0 0 0-2 2v13a2 2 0 0 1 2-2h6z"/>',
    "assignment": '<path d="M13 4H5v16h14v-8"/><path d="M9.5 14.5l.8-3.2L18 3.5l2.5 2.5-7.8 7.7z"/>',
    "teach-back": '<circle cx="7" cy="8" r="3"/><path d="M2.5 20a4.5 4.5 0 0 1 9 0M13 4h8v9h-6"/><path d="M16 7h2M16 10h2"/>',
    "live": '<circle cx="12" cy="12" r="2.5"/><path d="M7.8 7.8a6 6 0 0 0 0 8.4M16.2 7.8a6 6 0 0 1 0 8.4M5 5a10'
    ' 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14"/>',
    "live-session": '<rect x="3" y="4" width="18" height="12" rx="1"/><path d="M8 20h8M12 16v4"/><path d="M10 7.5v5l4.5-2.5z"/>',
    "warning": '<path d="M12 4l9 16H3z"/><path d="M12 10v4M12 17h.01"/>',
    "external": '<path d="M13 5h6v6M19 5l-9 9M10 6H5v13h13v-5"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v6H7z"/>',
    "globe": '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c3 2.6 3.6 5.6 3.6 8.5s-.6 5.9-3.6'
    ' 8.5c-3-2.6-3.6-5.6-3.6-8.5s.6-5.9 3.6-8.5z"/>',
    "certificate": '<circle cx="12" cy="9" r="5.5"/><path d="M9 14l-1.5 7 4.5-2.5 4.5 2.5L15 14"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="M11 12l8.5-8.5M16 7l3 3"/>',
    "chevron": '<path d="M6 9l6 6 6-6"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "leave": '<path d="M14 4H5v16h9M10 12h11M17 8l4 4-4 4"/>',
    "edit": '<path d="M4 20l1-4L16 5l3 3L8 19z"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5h.01"/>',
}  # fmt: skip
NODES = {
    "done": '<circle class="node-done" cx="12" cy="12" r="11"/><path class="node-tick" d="M6.5 12.5l3.5 3.5 7-8"/>',
    "started": '<circle class="node-ring" cx="12" cy="12" r="10"/><path class="node-done" d="M12 2a10 10 0 0 1 0 20z"/>',
    "todo": '<circle class="node-todo" cx="12" cy="12" r="10"/>',
    "locked": '<circle class="node-locked" cx="12" cy="12" r="10"/>',
}
