namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>Sets up a Home Assistant that forwards a phone's data: two parts of its configuration.</summary>
internal static class HomeAssistantSetup
{
    private const string Entity = "device_tracker.my_phone";

    public static PhoneSetup Of(SetupPhone phone)
    {
        var url = phone.Url("homeassistant");
        return new PhoneSetup(
            url,
            [
                $"Put the file's text into configuration.yaml, with the entity of the phone in place of {Entity} (Developer tools, "
                + "States).",
                "Check the configuration, and start Home Assistant again.",
                "Each time that the entity changes its place, an update comes.",
            ],
            File: new SetupFile("activity-hub.yaml", "application/yaml", Configuration(url)));
    }

    private static string Configuration(string url) => $$$"""
        rest_command:
          activity_hub:
            url: "{{{url}}}"
            method: post
            content_type: "application/json"
            payload: >-
              {"type": "update_location", "data": {"gps": [{{ latitude }}, {{ longitude }}],
              "gps_accuracy": {{ accuracy | default("null", true) }}, "battery": {{ battery | default("null", true) }} } }

        automation:
          - alias: "Activity Hub"
            trigger:
              - platform: state
                entity_id: {{{Entity}}}
            condition:
              - condition: template
                value_template: "{{ trigger.to_state.attributes.latitude is defined }}"
            action:
              - service: rest_command.activity_hub
                data:
                  latitude: "{{ trigger.to_state.attributes.latitude }}"
                  longitude: "{{ trigger.to_state.attributes.longitude }}"
                  accuracy: "{{ trigger.to_state.attributes.gps_accuracy }}"
                  battery: "{{ trigger.to_state.attributes.battery_level }}"

        """;
}
