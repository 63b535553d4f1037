using System.Text;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Replay;
using ActivityHub.Phones.Tests.Stubs;
using Shouldly;

namespace ActivityHub.Phones.Tests.Replay;

public sealed class UpdateFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("phone-01.ndjson", false)]
    [InlineData("phone-01.ndjson.gz", true)]
    [InlineData("phone-01.ndjson.gz", false)]
    [InlineData("phone-01.jsonl", true)]
    public void Gzip_is_known_by_its_first_bytes_and_not_by_its_name(string name, bool gzipped)
    {
        const string First =
            """{"id":"x1","at":"2017-07-24T22:12:52.354000-03:00","kind":"battery","data":{"level":48,"temperature":26.0}}""";
        var file = new UpdateFile(_folder.Write(name, First + "\r\n\n{\"id\":\"x2\",\"kind\":\"geo\"}", gzipped));

        var lines = file.Read().ToArray();

        file.Source.ShouldBe("phone-01");
        lines.Select(line => line.Update!.Id).ShouldBe(["x1", "x2"]);
        Encoding.UTF8.GetString(lines[0].Update!.Json.Span).ShouldBe(First);
        lines[0].At.ShouldBe(new DateTimeOffset(2017, 7, 24, 22, 12, 52, 354, TimeSpan.FromHours(-3)));
        lines[1].At.ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_empty_file_holds_nothing(bool gzipped) =>
        new UpdateFile(_folder.Write("empty.ndjson.gz", "", gzipped)).Read().ShouldBeEmpty();

    [Fact]
    public void A_line_without_an_id_gets_one_from_its_place_so_that_a_retry_is_harmless()
    {
        var path = _folder.Write("p.ndjson", "{\"kind\":\"geo\"}\n{ }\n", gzipped: false);

        var lines = new UpdateFile(path).Read().Select(line => Encoding.UTF8.GetString(line.Update!.Json.Span)).ToArray();

        lines.ShouldBe(["{\"id\":\"p:1\",\"kind\":\"geo\"}", "{\"id\":\"p:2\"}"]);
    }

    [Fact]
    public void A_line_that_cannot_be_sent_says_where_and_why()
    {
        var path = _folder.Write("p.ndjson", "{\"id\":\"a\"}\n[1]\n{\"id\":\n{\"id\":5}\n", gzipped: false);

        var faults = new UpdateFile(path).Read().Skip(1).Select(line => line.Fault!).ToArray();

        faults[0].ShouldBe("p:2: not a JSON object");
        faults[1].ShouldStartWith("p:3: not JSON");
        faults[2].ShouldBe("p:4: id is not a string");
    }

    [Fact]
    public void A_file_that_breaks_off_does_not_pass_for_whole()
    {
        var path = _folder.Write(
            "p.gz",
            string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"id\":\"{i * 7919}\"}}\n")),
            gzipped: true
        );
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^300]);

        Should.Throw<CommandFailedException>(() =>
            new UpdateFile(path).Read().Count(line => line.Fault is null ? true : throw new CommandFailedException(line.Fault))
        );
    }

    [Fact]
    public void Bytes_that_are_no_gzip_after_all_are_told()
    {
        var path = Path.Combine(_folder.Path, "p.gz");
        File.WriteAllBytes(path, [0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

        Should
            .Throw<CommandFailedException>(() => new UpdateFile(path).Read().ToArray())
            .Message.ShouldContain("cannot be read to its end");
    }

    [Fact]
    public void Two_files_of_one_name_would_be_one_device_and_are_refused() =>
        Should
            .Throw<CommandFailedException>(() =>
                UpdateFile.OpenAll([_folder.Write("a.ndjson", "", false), _folder.Write("a.ndjson.gz", "", true)])
            )
            .Message.ShouldContain("named a");

    [Fact]
    public void A_map_of_devices_is_for_its_owner_alone_and_can_be_read_again()
    {
        var path = Path.Combine(_folder.Path, "map.json");
        File.WriteAllText(path, "old");
        var map = new DeviceMap(
            "http://localhost:8080/",
            "token",
            [new MappedDevice("a", "d1", "f1", null, new Dictionary<string, string> { ["atom"] = "u" }, "key")]
        );

        map.Save(path);

        DeviceMap.Load(path).Find("a")!.Urls["atom"].ShouldBe("u");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
