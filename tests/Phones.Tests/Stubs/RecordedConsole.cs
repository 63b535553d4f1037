using System.Text;
using ActivityHub.Phones.CommandLine;
using Spectre.Console;

namespace ActivityHub.Phones.Tests.Stubs;

/// <summary>An output that is no terminal, and that one can wait on.</summary>
internal sealed class RecordedConsole : TextWriter
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Awaited, TaskCompletionSource Seen)> _waiting = [];

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public CommandContext Context(CancellationToken stop, TimeProvider? time = null)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(this) });
        console.Profile.Width = 160;
        return new CommandContext(console, time ?? TimeProvider.System, stop);
    }

    public Task SeesAsync(string awaited)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_text)
        {
            _waiting.Add((awaited, seen));
            Look();
        }

        return seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_text)
        {
            _text.Append(value);
            Look();
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    private void Look()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        var text = _text.ToString();
        foreach (var (awaited, seen) in _waiting.Where(wait => text.Contains(wait.Awaited, StringComparison.Ordinal)))
        {
            seen.TrySetResult();
        }
    }
}
