using System.Text;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class RedactionTests
{
    private static readonly Precision[] Blurred = [Precision.HundredMetres, Precision.Kilometre, Precision.TenKilometres, Precision.None];

    [Theory]
    [InlineData(Precision.HundredMetres, 250)]
    [InlineData(Precision.Kilometre, 2_500)]
    [InlineData(Precision.TenKilometres, 25_000)]
    public void Of_a_place_only_its_cell_is_left(Precision precision, double within)
    {
        var exact = Samples.Located();
        var seen = Seen(exact, precision);

        PlaceGrid.Distance(exact.Lat!.Value, exact.Lon!.Value, seen.Lat!.Value, seen.Lon!.Value)
            .ShouldBeLessThanOrEqualTo(seen.Accuracy!.Value);
        seen.Accuracy.Value.ShouldBeLessThan(within);
        (seen.Altitude, seen.Speed, seen.Heading).ShouldBe((null, null, null));
        seen.Lat.ShouldNotBe(exact.Lat);
    }

    [Fact]
    public void Without_precision_no_place_is_left() =>
        (Seen(Samples.Located(), Precision.None) is { Lat: null, Lon: null, Accuracy: null }).ShouldBeTrue();

    [Fact]
    public void The_phones_own_words_and_its_time_zone_are_gone()
    {
        var seen = Seen(Samples.Update(title: "At the dentist's, Main Street 5", clientId: "home-17"), Precision.TenKilometres);

        (seen.Title, seen.ClientId, seen.AtOffset).ShouldBe((null, null, (short)0));
        seen.At.ShouldBe(Samples.Update().At);
        UpdateTitle.Of(seen).ShouldBe("Battery 47 %, charging");
    }

    // A phone that counts in its ids, m1 and then m9, would tell a reader of one kind how many others there were.
    [Fact]
    public void The_phones_own_id_is_shown_only_where_nothing_is_withheld()
    {
        var update = Samples.Located();
        Action<Grant>[] limits =
        [
            grant => grant.Limit("battery,geo", Precision.Exact),
            grant => grant.Show(Samples.Noon.AddDays(-1)),
            grant => grant.Show(null, Samples.Noon.AddDays(1)),
            grant => grant.Show(null, delaySeconds: 1),
            grant => grant.Limit(null, Precision.HundredMetres),
            grant => grant.Withhold([PrivateZone.Draw(1, "far away", 80, 80, 200, Samples.Noon)]),
        ];

        foreach (var limit in limits)
        {
            var grant = Samples.GrantOf(limit);
            var seen = View.Of(update, grant, Samples.Noon.AddHours(1)).Update!;

            seen.ClientId.ShouldBeNull();
            (seen.EntryId, seen.Seq, seen.Kind, seen.At, seen.Received).ShouldBe(
                (update.EntryId, update.Seq, update.Kind, update.At, update.Received));
            if (grant.Precision == Precision.Exact)
            {
                seen.Location.ShouldBe(update.Location);
            }

            foreach (var format in Enum.GetValues<FeedFormat>())
            {
                Encoding.UTF8.GetString(
                    FeedRenderer.Render(format, Samples.Feed(positions: Positions.For(grant, Samples.Root, LogGeneration.First)), [seen]))
                        .ShouldNotContain("phone-7");
            }
        }

        View.Of(update, Samples.GrantOf(_ => { }), Samples.Noon).Update!.ClientId.ShouldBe("phone-7");
        update.ClientId.ShouldBe("phone-7");
    }

    [Theory]
    [InlineData("battery", """{"level":47.25,"state":"charging","ssid":"Home Sweet Home","place":{"lat":1.5}}""",
        """{"level":47.2,"state":"charging"}""")]
    [InlineData("battery", """{"state":"at home, Main Street 5"}""", null)]
    [InlineData("battery", """{"level":[52.5,13.4]}""", null)]
    [InlineData("geo", """{"street":"Main Street","level":47}""", null)]
    [InlineData("geo", """{"event":"entered","place":"Home","circle":{"lat":52.5,"lon":13.4,"radius":100}}""", null)]
    [InlineData("geo", """{"merged":12}""", null)]
    [InlineData("activity", """{"type":"walking","distance":1234.5,"name":"to the office"}""", """{"type":"walking"}""")]
    [InlineData("calendar", """{"title":"Dentist","location":"Main Street 5","start":"2026-11-23T10:00:00Z","busy":true}""",
        """{"start":"2026-11-23T10:00:00Z","busy":true}""")]
    [InlineData("sensor", """{"name":"light","value":120.42,"unit":"lx"}""", """{"name":"light","value":120.4,"unit":"lx"}""")]
    [InlineData("sensor", """{"name":"barometer","value":1013.25}""", null)]
    [InlineData("sensor", """{"name":"light","type":"gps","value":52.5}""", null)]
    [InlineData("sensor", """{"value":52.5}""", null)]
    public void Data_passes_by_a_list(string kind, string data, string? left) =>
        Seen(Samples.Update(kind, data: data), Precision.Kilometre).Data.ShouldBe(left);

    [Fact]
    public void A_kind_that_nobody_knows_is_shown_only_where_the_grant_names_it()
    {
        var update = Samples.Update("my.mood", data: """{"where":"the office"}""");

        foreach (var precision in Blurred)
        {
            View.Of(update, Samples.GrantOf(grant => grant.Limit(null, precision)), Samples.Noon).IsHidden.ShouldBeTrue();
            View.Of(update, Samples.GrantOf(grant => grant.Limit("my.mood", precision)), Samples.Noon).Update!.Data.ShouldBe(update.Data);
        }

        View.Of(update, Samples.GrantOf(grant => grant.Limit(null, Precision.Exact)), Samples.Noon).Update.ShouldBeSameAs(update);
    }

    [Fact]
    public void In_a_private_zone_nobody_but_the_owner_is_told_a_place()
    {
        var update = Samples.Located();
        foreach (var precision in Enum.GetValues<Precision>())
        {
            var grant = Samples.GrantOf(grant => grant.Limit(null, precision));
            grant.Withhold([PrivateZone.Draw(1, "home", update.Lat!.Value, update.Lon!.Value, 200, Samples.Noon)]);

            (View.Of(update, grant, Samples.Noon).Update is { Lat: null, Lon: null, Accuracy: null, Altitude: null, Title: null })
                .ShouldBeTrue();
            View.Of(Samples.Located(lat: update.Lat.Value + 1), grant, Samples.Noon).Update!.Lat.HasValue.ShouldBe(
                precision != Precision.None);
        }

        View.Of(update, Grant.OfOwner(Samples.FeedId), Samples.Noon).Update.ShouldBeSameAs(update);
    }

    // Who has left a place in a zone is outside of the zone, most of the time: its name at the zone's edge would tell where in it the place
    // lies.
    [Theory]
    [InlineData(300, "with a circle", true)]
    [InlineData(20_000, "with a circle", true)]
    [InlineData(900, "without", true)]
    [InlineData(20_000, "without", false)]
    public void That_a_place_in_a_private_zone_was_entered_or_left_is_hidden_wherever_it_is_told(
        double metresAway, string how, bool isWithheld)
    {
        var (lat, lon) = (48.0, 2.0);
        var zone = PrivateZone.Draw(1, "home", lat, lon, 200, Samples.Noon);
        var place = Ledger.Places.NamedPlace.Draw(1, "Home", lat, lon, 100, Samples.Noon);
        var data = how == "without" ? """{"event":"left","place":"Home"}""" : PlaceEvent.Write(PlaceEvent.Left, place);
        var update = Told(zone.Lat + ((zone.Radius + metresAway) / PlaceGrid.MetresPerDegree), zone.Lon, data);
        var grant = Samples.GrantOf(grant => grant.Limit(null, Precision.Exact));
        View.Of(update, grant, Samples.Noon).Update.ShouldBeSameAs(update);

        grant.Withhold([zone]);

        View.Of(update, grant, Samples.Noon).IsHidden.ShouldBe(isWithheld);
        grant.HidesNothing.ShouldBeFalse();
        View.Of(Told(update.Lat!.Value, update.Lon!.Value, """{"n":1}"""), grant, Samples.Noon).Update!.Data.ShouldNotBeNull();
    }

    // 40 m a second: what was seen a minute after the last place may have been seen 2,400 m from there.
    [Theory]
    [InlineData("network", 0, 90, true)]
    [InlineData("network", 0, 110, false)]
    [InlineData("network", 60, 2_490, true)]
    [InlineData("network", 60, 2_510, false)]
    [InlineData("sensor", 3600, 140_000, true)]
    [InlineData("sensor", 3600, 150_000, false)]
    [InlineData("geo", 0, 90, true)]
    [InlineData("network", null, 0, true)]
    public void What_has_no_place_is_withheld_where_the_phone_may_have_been_in_a_zone(
        string kind, int? secondsAgo, double metresFromZone, bool isWithheld)
    {
        var zone = PrivateZone.Draw(1, "home", 48, 2, 200, Samples.Noon);
        var update = new FeedUpdate
        {
            FeedId = Samples.FeedId,
            Seq = 1,
            Kind = kind,
            At = Samples.Noon,
            Received = Samples.Noon,
            Data = """{"ssid":"Ann Home WLAN","value":7}""",
            JudgedAt = secondsAgo is null ? null : Samples.Noon.AddSeconds(-secondsAgo.Value),
            JudgedLat = secondsAgo is null ? null : zone.Lat + ((zone.Radius + metresFromZone) / PlaceGrid.MetresPerDegree),
            JudgedLon = secondsAgo is null ? null : zone.Lon,
        };
        var grant = Samples.GrantOf(_ => { });
        View.Of(update, grant, Samples.Noon).Update.ShouldBeSameAs(update);

        grant.Withhold([zone]);

        var seen = View.Of(update, grant, Samples.Noon).Update!;
        seen.Data.ShouldBe(isWithheld ? null : update.Data);
        foreach (var format in Enum.GetValues<FeedFormat>())
        {
            Encoding.UTF8.GetString(FeedRenderer.Render(format, Samples.Feed(), [seen])).Contains("WLAN", StringComparison.Ordinal)
                .ShouldBe(!isWithheld);
        }

        View.Of(update, Grant.OfOwner(Samples.FeedId), Samples.Noon).Update.ShouldBeSameAs(update);
    }

    [Theory]
    [InlineData("battery", """{"level":47,"charging":true,"temperature":31.5,"plugged":"wireless","ssid":"Home"}""",
        """{"level":47,"charging":true}""")]
    [InlineData("sensor", """{"name":"light","value":120}""", null)]
    [InlineData("activity", """{"activity":"walking","steps":7}""", null)]
    [InlineData("calendar", """{"title":"Dentist","start":"2026-11-23T10:00:00Z"}""", null)]
    [InlineData("tag", """{"id":"fridge"}""", null)]
    [InlineData("my.own", """{"any":1}""", null)]
    public void In_a_zone_only_a_battery_is_told(string kind, string data, string? left)
    {
        var update = Samples.Update(kind, title: "at the fridge", data: data, clientId: "m9");
        foreach (var precision in Enum.GetValues<Precision>())
        {
            var grant = Samples.GrantOf(grant => grant.Limit(kind, precision));
            grant.Withhold([PrivateZone.Draw(1, "home", 48, 2, 200, Samples.Noon)]);

            var seen = View.Of(update, grant, Samples.Noon).Update!;

            (seen.Data, seen.Title, seen.ClientId).ShouldBe((left, null, null));
        }
    }

    // Of two accuracies the worse one reaches into the zone: the phone may be there.
    [Fact]
    public void A_place_that_is_too_inexact_to_be_outside_of_a_zone_is_in_it()
    {
        var zone = PrivateZone.Draw(1, "home", 48, 2, 200, Samples.Noon);
        var grant = Samples.GrantOf(grant => grant.Withhold([zone]));
        var lat = zone.Lat + ((zone.Radius + 400) / PlaceGrid.MetresPerDegree);

        View.Of(Samples.Located(lat, zone.Lon, accuracy: 390), grant, Samples.Noon).Update!.Lat.ShouldBe(lat);
        View.Of(Samples.Located(lat, zone.Lon, accuracy: 410), grant, Samples.Noon).Update!.Lat.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"merged":12}""", null)]
    [InlineData("""{"merged":12,"x":1}""", """{"x":1}""")]
    [InlineData("""{"merged":"mine"}""", """{"merged":"mine"}""")]
    [InlineData("""{"x":1}""", """{"x":1}""")]
    public void Where_there_is_a_zone_nobody_is_told_how_many_places_were_merged(string data, string? left)
    {
        var update = Told(50, 20, data);
        var grant = Samples.GrantOf(_ => { });
        View.Of(update, grant, Samples.Noon).Update!.Data.ShouldBe(data);

        grant.Withhold([PrivateZone.Draw(1, "home", 48, 2, 200, Samples.Noon)]);

        View.Of(update, grant, Samples.Noon).Update!.Data.ShouldBe(left);
    }

    [Fact]
    public void The_stored_cell_is_shown_and_not_the_one_in_which_the_place_lies()
    {
        foreach (var precision in (Precision[])[Precision.HundredMetres, Precision.Kilometre, Precision.TenKilometres])
        {
            var number = PlaceGrid.NumberOf(10, 20, precision);
            var update = new FeedUpdate
            {
                FeedId = Samples.FeedId,
                Kind = Kind.Geo,
                At = Samples.Noon,
                Received = Samples.Noon,
                Lat = 48,
                Lon = 2,
                Cell100m = number,
                Cell1km = number,
                Cell10km = number,
            };

            Seen(update, precision).Location.ShouldBe(PlaceGrid.CellOf(10, 20, precision));
        }
    }

    // What differs only in what was seen in a zone is the same in every form that leaves.
    [Property(MaxTest = 300)]
    public void Two_phones_in_one_zone_are_one_in_every_document(byte[] kinds, int one, int other, byte which)
    {
        var zone = PrivateZone.Draw(1, "home", 48, 2, 2000, Samples.Noon);
        var grant = Samples.GrantOf(
            grant =>
                grant.Limit(which % 2 == 0 ? null : "geo,network,sensor,calendar,activity,my.own", Enum.GetValues<Precision>()[which % 5]));
        grant.Withhold([zone]);
        string[] all = [Kind.Geo, "network", Kind.Sensor, Kind.Calendar, Kind.Activity, "my.own"];
        var first = Phone(new Random(one));
        var second = Phone(new Random(other));

        foreach (var format in Enum.GetValues<FeedFormat>())
        {
            Render(format, first).ShouldBe(Render(format, second));
        }

        FeedUpdate[] Phone(Random random) =>
        [
            .. kinds.Select((kind, i) =>
            {
                var isPlaced = all[kind % all.Length] == Kind.Geo;
                var (lat, lon) = (48 + (random.NextDouble() * 0.01), 2 + (random.NextDouble() * 0.01));
                return new FeedUpdate
                {
                    FeedId = Samples.FeedId,
                    Seq = i + 1,
                    EntryId = new Guid(i, 0, 0, new byte[8]),
                    ClientId = random.Next(2) == 0 ? null : $"m{random.Next()}",
                    Kind = all[kind % all.Length],
                    At = Samples.Noon.AddMinutes(i),
                    AtOffset = (short)random.Next(-700, 700),
                    Received = Samples.Noon.AddMinutes(i),
                    Title = random.Next(2) == 0 ? null : $"title {random.Next()}",
                    Data =
                        $$"""{"ssid":"{{random.Next()}}","name":"light","value":{{random.Next(1000)}},"busy":true,"steps":{{random.Next(9)}} }""",
                    Lat = isPlaced ? lat : null,
                    Lon = isPlaced ? lon : null,
                    Accuracy = isPlaced ? random.Next(100) : null,
                    JudgedAt = isPlaced ? null : Samples.Noon.AddMinutes(i - random.Next(9)),
                    JudgedLat = isPlaced ? null : lat,
                    JudgedLon = isPlaced ? null : lon,
                };
            }),
        ];

        string Render(FeedFormat format, FeedUpdate[] phone) => Encoding.UTF8.GetString(FeedRenderer.Render(
            format, Samples.Feed(positions: Positions.For(grant, Samples.Root, LogGeneration.First)),
            [.. phone.Select(update => View.Of(update, grant, Samples.Noon)).Where(seen => seen.IsShown).Select(seen => seen.Update!)
                .Reverse()]));
    }

    // What differs only in what is hidden is the same in every form that leaves.
    [Property(MaxTest = 300)]
    public void Two_places_in_one_cell_are_one_in_every_document(int where, int nudge, byte which)
    {
        var precision = Blurred[which % Blurred.Length];
        var lat = (where % 80_000 / 1000.0) + 0.0001;
        var first = Samples.Located(lat, 13.4, accuracy: 5);
        var second = Samples.Located(lat + ((nudge % 4) * 0.0001), 13.4, accuracy: 80, altitude: nudge);
        var grant = Samples.GrantOf(grant => grant.Limit(null, precision));
        if (Seen(first, precision).Lat != Seen(second, precision).Lat)
        {
            return;
        }

        var positions = Positions.For(grant, Samples.Root, LogGeneration.First);
        foreach (var format in Enum.GetValues<FeedFormat>())
        {
            Render(first).ShouldBe(Render(second));

            string Render(FeedUpdate update) => Encoding.UTF8.GetString(
                FeedRenderer.Render(format, Samples.Feed(positions: positions), [View.Of(update, grant, Samples.Noon).Update!], null));
        }
    }

    private static FeedUpdate Told(double lat, double lon, string data) => new()
    {
        Bucket = (short)(Samples.FeedId & 255),
        FeedId = Samples.FeedId,
        Seq = 1,
        Kind = Kind.Geo,
        At = Samples.Noon,
        Received = Samples.Noon,
        Lat = lat,
        Lon = lon,
        Data = data,
    };

    private static FeedUpdate Seen(FeedUpdate update, Precision precision) =>
        View.Of(update, Samples.GrantOf(grant => grant.Limit(null, precision)), Samples.Noon).Update!;
}
