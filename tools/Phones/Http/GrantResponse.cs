using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

/// <summary>A new grant from the hub's answer; its URLs carry the reader key.</summary>
internal sealed record GrantResponse(
    [property: JsonRequired] string Id,
    string? Key,
    [property: JsonRequired] IReadOnlyDictionary<string, string> Urls
);
