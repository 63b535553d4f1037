using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActivityHub.Phones.Replay;

namespace ActivityHub.Phones.Http;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(DeviceResponse))]
[JsonSerializable(typeof(GrantResponse))]
[JsonSerializable(typeof(DeviceMap))]
internal sealed partial class HubJson : JsonSerializerContext;
