"""Prints one JSON object for each NMEA sentence on standard input: fields by pynmea2's names, times and dates as it parsed them."""
import json
import sys

import pynmea2


def plain(value):
    if hasattr(value, "microsecond"):
        return [value.hour, value.minute, value.second, value.microsecond]
    if hasattr(value, "year"):
        return [value.year, value.month, value.day]
    return value if value is None or isinstance(value, (int, float, str)) else str(value)


for line in sys.stdin.read().split("\n"):
    message = pynmea2.parse(line, check=True)
    fields = {"talker": message.talker, "type": message.sentence_type, "data": message.data}
    for field in message.fields:
        name = field[1]
        fields[name] = plain(getattr(message, name, None))
    if getattr(message, "lat", "") and getattr(message, "lon", ""):
        fields["latitude"] = message.latitude
        fields["longitude"] = message.longitude
    print(json.dumps(fields))
