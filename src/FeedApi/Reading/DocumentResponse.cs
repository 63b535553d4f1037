using ActivityHub.FeedApi.Access;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.FeedApi.Reading;

/// <summary>Answers with a document: 200, or 304 where the caller has it already (RFC 9110 §13.1). HEAD gets the same headers.</summary>
internal static class DocumentResponse
{
    public static Task WriteAsync(HttpContext context, Opened opened, RenderedDocument document, ReceiptRecorder receipts)
    {
        var (request, response) = (context.Request, context.Response);
        var coding = document.Narrow(ContentCodings.Choose(request.Headers.AcceptEncoding));
        var etag = document.ETag(coding);
        var headers = response.Headers;
        headers.ETag = etag;
        headers.LastModified = HeaderUtilities.FormatDate(document.LastModified);
        headers.CacheControl = document.IsPublic ? "public, no-cache" : "private, no-cache";
        headers.Vary = "Accept-Encoding, Authorization";
        if (document.Link is not null)
        {
            headers.Link = document.Link;
        }

        if (document.Gap is not null)
        {
            headers[ReaderHeaders.Gap] = document.Gap;
        }

        if (IsKnown(request.Headers, document, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var bytes = document.Bytes(coding);
        headers.ContentType = document.ContentType;
        headers.ContentLength = bytes.Length;
        if (coding.Token() is { } token)
        {
            headers.ContentEncoding = token;
        }

        if (HttpMethods.IsHead(request.Method))
        {
            return Task.CompletedTask;
        }

        // An unchanged document (304) shows the reader nothing new, so it makes no receipt.
        if (document.Range is { } range && !opened.IsPreview)
        {
            receipts.Note(opened.Grant, ReceiptChannel.Read, ClientNetwork.Of(context.Connection.RemoteIpAddress), range.From, range.To);
        }

        return response.BodyWriter.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>If-None-Match, and only where there is none If-Modified-Since (RFC 9110 §13.2.2).</summary>
    public static bool IsKnown(IHeaderDictionary request, RenderedDocument document, string etag)
    {
        var tags = request.IfNoneMatch;
        if (!StringValues.IsNullOrEmpty(tags))
        {
            return Names(tags, etag);
        }

        return document.LastModifiedTells &&
            HeaderUtilities.TryParseDate(request.IfModifiedSince.ToString(), out var since) &&
            document.LastModified.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }

    // Weak comparison: a proxy that packs the bytes itself makes W/"…" of our tag.
    private static bool Names(StringValues tags, string etag)
    {
        if (tags.Count == 1 && tags[0] == etag)
        {
            return true;
        }

        if (!EntityTagHeaderValue.TryParseList(tags, out var known))
        {
            return false;
        }

        foreach (var tag in known)
        {
            if (tag.Tag.Equals(etag, StringComparison.Ordinal) || tag.Tag.Equals("*", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
