using ActivityHub.FeedApi.Intake.Formats.Plain;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Traccar;

/// <summary>
/// Reads a message of flat names, from a query, a form or an object. In Traccar's protocol the speed is in knots, independent of the app's
/// own unit. OsmAnd, after which the protocol is named, writes metres a second, names its accuracy in metres <c>hdop</c>, and writes 0 for
/// an unknown value.
/// </summary>
internal static class TraccarFields
{
    private const string Format = TraccarFormat.FormatName;

    public static void Read(
        PlainFields fields, Radio radio, bool isOsmAnd, DateTimeOffset now, ReadOnlyMemory<byte> part, PhoneReading reading)
    {
        var id = fields.Text("id", "deviceid");
        // A registration for push messages of the app's own server. It contains a secret and no position, so it is not stored.
        if (fields.Text("notificationToken") is not null && fields.Text("lat", "location", "timestamp") is null)
        {
            return;
        }

        var wasSaid = fields.Text("timestamp");
        var said = fields.Time("timestamp");
        if (wasSaid is not null && said is null)
        {
            reading.Reject(
                part,
                "Its timestamp is no time; send seconds or milliseconds since 1970, a date with an offset, or yyyy-MM-dd HH:mm:ss in UTC.");
            return;
        }

        var at = said ?? now;
        if (!Times.IsWithin(at, now))
        {
            reading.Reject(part, "Its timestamp is out of range; send one after 1970 and up to 24 hours from now.");
            return;
        }

        var (place, fault) = ReadPlace(fields, isOsmAnd);
        if (fault is not null)
        {
            reading.Reject(part, fault);
            return;
        }

        var before = reading.Updates.Count;
        ReadSteady(fields, radio, at, reading);
        var alarm = fields.Text("alarm");
        var data = fields.Rest().Add("alarm", alarm).Text();
        if (place is not null || data is not null)
        {
            reading.AddOnce(new NewUpdate
            {
                Kind = place is null ? "status" : Kind.Geo,
                At = said,
                Location = place,
                Data = data,
                // Without a time, two messages from one place are two updates.
                ClientId = said is null ? null : ClientIds.Of(Format, id, said, place?.Lat, place?.Lon, place is null ? data : alarm),
            });
        }
        else if (reading.Updates.Count == before)
        {
            // A heartbeat: a message without any values.
            reading.AddOnce(SteadyReading.Of(Format, "status", new DataText().Add("heartbeat", true).Text(), at));
        }
    }

    private static (Place? Place, string? Fault) ReadPlace(PlainFields fields, bool isOsmAnd)
    {
        var (lat, lon) = (fields.Number("lat"), fields.Number("lon"));
        if (lat is null && lon is null)
        {
            (lat, lon) = fields.Pair("location");
        }

        var speed = fields.Number("speed") * (isOsmAnd ? 1 : Places.MetresPerSecondOfKnot);
        var accuracy = isOsmAnd ? fields.Number("accuracy") ?? fields.Number("hdop") : fields.Number("accuracy");
        var (altitude, heading) = (fields.Number("altitude"), fields.Number("bearing", "heading"));
        if (isOsmAnd)
        {
            (accuracy, heading) = (accuracy == 0 ? null : accuracy, heading == 0 && (speed ?? 0) == 0 ? null : heading);
        }

        if (lat is null && lon is null)
        {
            return (null, fields.Text("lat", "lon", "location") is null ? null : Places.Fault(lat, lon));
        }

        return Places.Of(lat, lon, accuracy, altitude, speed, heading) is { } place ? (place, null) : (null, Places.Fault(lat, lon));
    }

    private static void ReadSteady(PlainFields fields, Radio radio, DateTimeOffset at, PhoneReading reading)
    {
        reading.AddOnce(
            SteadyReading.Battery(
                reading, Format, fields.Number("batt", "battery", "batteryLevel", "batproc"), fields.Flag("charge", "charging"), null, at));
        if (radio.Data() is { } data)
        {
            // Marks them as read, so that they do not become data of the place: they are an update of their own.
            _ = fields.Text("cell");
            _ = fields.Text("wifi");
            reading.AddOnce(SteadyReading.Of(Format, "network", data, at));
        }

        if (fields.Text("activity") is { } activity)
        {
            reading.AddOnce(SteadyReading.Of(Format, Kind.Activity, new DataText().Add("activity", activity).Text(), at));
        }
    }
}
