using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

/// <summary>A grant as the hub made it; its URLs carry the reader key.</summary>
internal sealed record GrantResponse(
    [property: JsonRequired] string Id,
    string? Key,
    [property: JsonRequired] IReadOnlyDictionary<string, string> Urls
);
