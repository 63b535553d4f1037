using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Reads the body of a POST of updates by the rules of the contract, and reports all faults together. Pure: the clock is passed in.
/// </summary>
internal sealed class UpdateParser
{
    public const int MaxUpdates = 1000;
    public const int MaxUpdateLength = 64 * 1024;
    public const int MaxDepth = 32;

    private static ReadOnlySpan<byte> White => " \t\r\n"u8;

    private static readonly Problem NothingSent = ProblemTypes.Empty.With(
        "Send one update as a JSON object, an array of up to 1,000, or one a line as application/x-ndjson.");

    private static readonly Problem TooMany = ProblemTypes.TooLarge.With(
        "A request may carry 1,000 updates; nothing was stored. Send them in several requests.");

    private readonly FaultList _faults = new();
    private readonly List<NewUpdate> _updates = [];
    private readonly UpdateReader _reader;
    private int _tooLarge;
    private int _count;

    private UpdateParser(DateTimeOffset now) => _reader = new UpdateReader(now, _faults);

    public static ParsedUpdates Parse(ReadOnlySpan<byte> body, BodyShape shape, DateTimeOffset now)
    {
        // A byte order mark is not JSON, but parsers may ignore it (RFC 8259 §8.1).
        body = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
        if (!Utf8.IsValid(body))
        {
            return ParsedUpdates.Failed(NotUtf8(body));
        }

        body = body.TrimEnd(White);
        if (body.IsEmpty)
        {
            return ParsedUpdates.Failed(NothingSent);
        }

        var parser = new UpdateParser(now);
        var isSingle = shape == BodyShape.Json && body.TrimStart(White)[0] != (byte)'[';
        if (isSingle)
        {
            parser.ReadSingle(body);
        }
        else if (shape == BodyShape.Json)
        {
            parser.ReadArray(body);
        }
        else
        {
            parser.ReadLines(body);
        }

        return parser.Finish(isSingle);
    }

    private void ReadSingle(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            json.Read();
            ReadOne(ref json, body);
            // Throws if anything follows the object.
            json.Read();
        }
        catch (JsonException exception)
        {
            var hint = json.CurrentDepth == 0 && _count == 1 && json.TokenType == JsonTokenType.EndObject
                ? " Updates a line each are application/x-ndjson."
                : "";
            AddSyntax(0, exception, 0, hint);
        }
    }

    private void ReadArray(ReadOnlySpan<byte> body)
    {
        // The array itself is one level.
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        try
        {
            json.Read();
            while (json.Read() && json.TokenType != JsonTokenType.EndArray && _count <= MaxUpdates)
            {
                ReadOne(ref json, body);
            }

            if (_count <= MaxUpdates)
            {
                json.Read();
            }
        }
        catch (JsonException exception)
        {
            AddSyntax(_count, exception, 0, "");
        }
    }

    private void ReadLines(ReadOnlySpan<byte> body)
    {
        var number = -1;
        foreach (var range in body.Split((byte)'\n'))
        {
            number++;
            var line = body[range].Trim(" \t\r"u8);
            if (line.IsEmpty)
            {
                continue;
            }

            if (_count >= MaxUpdates)
            {
                _count++;
                return;
            }

            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MaxDepth });
            var index = _count;
            try
            {
                json.Read();
                ReadOne(ref json, line);
                json.Read();
            }
            catch (JsonException exception)
            {
                _count = index + 1;
                AddSyntax(index, exception, number, "");
            }
        }
    }

    private void ReadOne(ref Utf8JsonReader json, ReadOnlySpan<byte> body)
    {
        var index = _count;
        var start = json.TokenStartIndex;
        var update = _reader.Read(ref json, body, index);
        _count++;
        if (json.BytesConsumed - start > MaxUpdateLength)
        {
            _tooLarge++;
            _faults.Add(index, "", $"{json.BytesConsumed - start} bytes are too many; an update may have {MaxUpdateLength}.");
        }
        else if (update is not null)
        {
            _updates.Add(update);
        }
    }

    private ParsedUpdates Finish(bool isSingle)
    {
        if (_count > MaxUpdates)
        {
            return ParsedUpdates.Failed(TooMany);
        }

        if (_faults.Count > 0)
        {
            var status = _tooLarge == _faults.Count ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest;
            var detail = _faults.Count == 1
                ? _faults.Named[0].Detail
                : $"{_faults.Count} faults; errors names each (the first {FaultList.MaxNamed}) and what to send instead.";
            return ParsedUpdates.Failed(ProblemTypes.BadUpdates.With(detail) with { Status = status, Faults = _faults });
        }

        return _updates.Count == 0 ? ParsedUpdates.Failed(NothingSent) : new ParsedUpdates(_updates, isSingle, null);
    }

    private void AddSyntax(int index, JsonException exception, long line, string hint)
    {
        // The message ends with " LineNumber: 0 | BytePositionInLine: 3.", counted from 0 and within this line alone.
        var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = end < 0 ? exception.Message : exception.Message[..end];
        var (atLine, atByte) = (line + (exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1);
        _faults.Add(index, "", $"This is not JSON at line {atLine}, byte {atByte}: {reason}{hint}");
    }

    private static Problem NotUtf8(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(body[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return ProblemTypes.NotUtf8.With($"The bytes from offset {at} on are no UTF-8; send text as UTF-8.");
    }
}
