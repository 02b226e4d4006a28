"""Venues, organisers and categories."""

from datetime import date

CATEGORIES = {
    "music": "Music",
    "stage": "Stage and film",
    "family": "Family",
    "outdoors": "Outdoors",
    "food": "Food and drink",
    "making": "Making",
    "talks": "Talks and books",
    "heritage": "Heritage",
}

# key: name, parish, street address, postcode, access
VENUES = {
    "slip": (
        "St Aubin’s Harbour",
        "st_brelade",
        "Le Boulevard, St Aubin",
        "JE3 8AB",
        "Level quay with a few cobbles. Step-free viewing place by the crane. Parking in Charing Cross car park.",
    ),
    "corbiere": (
        "La Corbière",
        "st_brelade",
        "La Route du Sud",
        "JE3 8HN",
        "Uneven causeway, closed at high tide. Not suitable for wheels; a film of the walk is shown in the tea room.",
    ),
    "hamptonne": (
        "Hamptonne Country Life Museum",
        "st_lawrence",
        "La Rue de la Patente",
        "JE3 1HS",
        "Gravel and grass, firm in dry weather. Accessible toilet by the café. Blue-badge parking at the gate.",
    ),
    "mont_orgueil": (
        "Mont Orgueil Castle",
        "st_martin",
        "Gorey Hill",
        "JE3 6ET",
        "The Lower Ward is reached by a steep ramp; ask for the buggy when you arrive. Hearing loop at every show.",
    ),
    "hougue_bie": (
        "La Hougue Bie",
        "grouville",
        "La Route de la Hougue Bie",
        "JE2 7UA",
        "Paved path to the mound. The passage grave itself is low and narrow; a model can be touched outside.",
    ),
    "opera_house": (
        "Jersey Opera House",
        "st_helier",
        "Gloucester Street",
        "JE2 3QR",
        "Lift to stalls and circle, six wheelchair places, hearing loop, accessible toilets on the ground floor.",
    ),
    "town_church": (
        "St Helier Town Church",
        "st_helier",
        "Church Street",
        "JE2 3NN",
        "Step-free by the west door. Hearing loop. Large-print carol sheets.",
    ),
    "laveurs": (
        "Les Laveurs Slip",
        "st_ouen",
        "La Grande Route des Mielles",
        "JE3 2FN",
        "Level hard standing by the sea wall. Accessible toilet in the café.",
    ),
    "landes": (
        "Les Landes",
        "st_ouen",
        "Route des Landes",
        "JE3 2AF",
        "Rough heath in the dark: bring a torch with a red filter. A firm place for wheels beside the car park.",
    ),
    "manor_barn": (
        "The Big Barn",
        "st_mary",
        "La Rue de la Vallée",
        "JE3 3DL",
        "Step-free, wide doors, flat floor. A quiet room beside the stage.",
    ),
    "howard_davis": (
        "Howard Davis Park",
        "st_saviour",
        "Don Road",
        "JE2 4TN",
        "Level paths and lawn, accessible toilets by the bandstand.",
    ),
    "st_saviour_hall": (
        "St Saviour’s Parish Hall",
        "st_saviour",
        "St Saviour’s Hill",
        "JE2 7LF",
        "Step-free, accessible toilet, parking for twelve cars.",
    ),
    "bouley": (
        "Bouley Bay Harbour",
        "trinity",
        "Les Charrières de Boulay",
        "JE3 5AS",
        "The lane is steep and dark. A shorter, level walk along the pier starts at the same time.",
    ),
    "st_john_school": (
        "St John’s Recreation Centre",
        "st_john",
        "La Rue des Buttes",
        "JE3 4GS",
        "Step-free start and finish, accessible toilets and changing room.",
    ),
    "bonne_nuit": (
        "Bonne Nuit Harbour",
        "st_john",
        "Les Charrières de Bonne Nuit",
        "JE3 4DD",
        "Steps and narrow cliff paths. Telescopes on the pier for those who stay below.",
    ),
    "st_peter_hall": (
        "St Peter’s Parish Hall",
        "st_peter",
        "La Route de Beaumont",
        "JE3 7YN",
        "Step-free, hearing loop, accessible toilet, quiet corner.",
    ),
    "st_clement_hall": (
        "St Clement’s Parish Hall",
        "st_clement",
        "La Grande Route de St Clément",
        "JE2 6QN",
        "Step-free, accessible toilet, parking in the field behind.",
    ),
    "la_rocque": (
        "La Rocque Harbour",
        "grouville",
        "La Grande Route des Sablons",
        "JE3 9FA",
        "Level quay. The walk to the oyster beds is over sand and weed; a tractor and trailer takes eight people.",
    ),
    "st_lawrence_church": (
        "St Lawrence Parish Church",
        "st_lawrence",
        "La Grande Route de St Laurent",
        "JE3 1NG",
        "One step, ramp on request. Hearing loop.",
    ),
}

# One organiser is registered, so that receipts with GST can be seen; the number is invented like everything else.
REGISTERED = {"harbour": {"gst_number": "0000001", "gst_from": date(2026, 1, 1)}}

# key: name, about, e-mail, website, address
ORGANISERS = {
    "harbour": (
        "Harbour Voices",
        "Forty islanders who sing what sailors sang, in any weather and mostly in tune.",
        "sing@harbourvoices.example",
        "https://harbourvoices.example/",
        "The Boat House, Le Boulevard, St Brelade, JE3 8AB",
    ),
    "rock": (
        "Rock and Tide Walks",
        "Small walks with people who know the island’s rocks, birds, ghosts and tides.",
        "walk@rockandtide.example",
        "https://rockandtide.example/",
        "2 La Pulente Cottages, St Brelade, JE3 8HG",
    ),
    "players": (
        "The Granite Players",
        "A company of actors from every parish. We play in castles, barns and, when we must, in theatres.",
        "box@graniteplayers.example",
        "https://graniteplayers.example/",
        "9 Pier Road, St Helier, JE2 4XW",
    ),
    "music": (
        "Island Music Trust",
        "A charity that puts instruments into young hands and audiences in front of them.",
        "hello@islandmusic.example",
        "https://islandmusic.example/",
        "14 Val Plaisant, St Helier, JE2 4TA",
    ),
    "parish": (
        "Twelve Parishes Together",
        "Volunteers from the parish halls who put on fairs, suppers and races for whoever turns up.",
        "hello@twelveparishes.example",
        "https://twelveparishes.example/",
        "The Parish Hall, La Grande Route de St Clément, JE2 6QN",
    ),
    "makers": (
        "Made by Hand Jersey",
        "Potters, knitters, printers and binders who share a workshop and like visitors.",
        "workshop@madebyhand.example",
        "https://madebyhand.example/",
        "Old Forge, La Route de Beaumont, St Peter, JE3 7YN",
    ),
    "film": (
        "Saltwater Film Club",
        "Films about the sea, shown as near to it as the tide allows.",
        "reel@saltwaterfilm.example",
        "https://saltwaterfilm.example/",
        "The Kiosk, La Grande Route des Mielles, St Ouen, JE3 2FN",
    ),
}
