using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

internal sealed record TokenAnswer([property: JsonRequired] string Token);
