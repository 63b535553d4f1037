using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Replay;
using ActivityHub.Phones.Simulation;
using ActivityHub.Phones.Tests.Stubs;
using Shouldly;

namespace ActivityHub.Phones.Tests.CommandLine;

public sealed class ArgumentsTests
{
    private static readonly Verb Verb = new(
        "try",
        "",
        "FILE…",
        [
            new("--hub", "URL", ""),
            new("--count", "N", ""),
            new("--rate", "R", ""),
            new("--dry", null, ""),
            new("--sources", "FILE…", "", Many: true),
        ],
        (_, _) => Task.FromResult(0)
    );

    [Fact]
    public void Values_come_after_a_blank_or_an_equals_sign_and_plain_words_are_files()
    {
        var arguments = Arguments.Parse(Verb, ["a.gz", "--hub", "http://localhost:8080", "--count=3", "--dry", "b.gz"]);

        arguments.Url("--hub")!.Port.ShouldBe(8080);
        arguments.Whole("--count", 1, 1, 10).ShouldBe(3);
        arguments.Flag("--dry").ShouldBeTrue();
        arguments.Files.ShouldBe(["a.gz", "b.gz"]);
        arguments.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void An_option_of_many_values_takes_all_words_up_to_the_next_option()
    {
        var arguments = Arguments.Parse(Verb, ["--sources", "a", "b", "--dry", "--sources", "c"]);

        arguments.Texts("--sources").ShouldBe(["a", "b", "c"]);
        arguments.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void Every_fault_is_named_at_once_with_what_to_give_instead()
    {
        var arguments = Arguments.Parse(Verb, ["--hub", "localhost:8080", "--count", "many", "--rate", "-1", "--colour"]);
        arguments.Url("--hub");
        arguments.Whole("--count", 1, 1, 10);
        arguments.Positive("--rate", 100);

        arguments.Faults.Count.ShouldBe(4);
        arguments.Faults.ShouldContain("--colour is not an option of try: see try --help");
        arguments.Faults.ShouldContain("--hub 'localhost:8080' is not an address: give one that begins with http:// or https://");
        arguments.Faults.ShouldContain("--count 'many' is not a whole number from 1 to 10");
        arguments.Faults.ShouldContain("--rate '-1' is not a number above 0 and up to 100");
    }

    [Theory]
    [InlineData("--hub needs a value: --hub URL", "--hub", "--dry")]
    [InlineData("--count is given twice: give it once", "--count", "1", "--count", "2")]
    [InlineData("--dry takes no value", "--dry=yes")]
    public void What_cannot_be_read_is_a_fault(string fault, params string[] words) =>
        Arguments.Parse(Verb, words).Faults.ShouldContain(fault);

    [Theory]
    [InlineData("max", null)]
    [InlineData("1x", 1.0)]
    [InlineData("60x", 60.0)]
    [InlineData("0.5x", 0.5)]
    public void A_speed_is_max_or_a_factor(string text, double? factor)
    {
        var arguments = Arguments.Parse(ReplayCommand.Verb, ["--speed", text]);
        ReplaySpeed.From(arguments).Factor.ShouldBe(factor);
        arguments.Faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("0x")]
    [InlineData("-1x")]
    [InlineData("x")]
    public void Another_speed_is_a_fault(string text)
    {
        var arguments = Arguments.Parse(ReplayCommand.Verb, ["--speed", text]);
        ReplaySpeed.From(arguments);
        arguments.Faults.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Wrong_arguments_end_with_2_before_anything_is_done()
    {
        var (output, errors) = (new RecordedConsole(), new StringWriter());
        var code = await CommandRun.RunAsync(
            SimulateCommand.Verb,
            ["--rate", "0", "extra"],
            output.Context(TestContext.Current.CancellationToken),
            errors
        );

        code.ShouldBe(ExitCode.Usage);
        errors.ToString().ShouldContain("--hub is missing");
        errors.ToString().ShouldContain("--rate '0'");
        errors.ToString().ShouldContain("'extra' is not expected");
    }

    [Fact]
    public async Task Help_tells_every_option()
    {
        var output = new RecordedConsole();
        var code = await CommandRun.RunAsync(
            ListenCommand.Verb,
            ["--help"],
            output.Context(TestContext.Current.CancellationToken),
            TextWriter.Null
        );

        code.ShouldBe(ExitCode.Done);
        foreach (var option in ListenCommand.Verb.Options)
        {
            output.Text.ShouldContain(option.Name);
        }
    }
}
