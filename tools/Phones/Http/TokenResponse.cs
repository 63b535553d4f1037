using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

internal sealed record TokenResponse([property: JsonRequired] string Token);
