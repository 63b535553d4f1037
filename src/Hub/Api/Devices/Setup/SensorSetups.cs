using System.Xml.Linq;

namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>Apps that tell what a phone's sensors measure.</summary>
internal static class SensorSetups
{
    private static readonly string[] Axes = ["x", "y", "z"];

    public static PhoneSetup SensorLogger(SetupPhone phone)
    {
        var url = phone.Url("sensorlogger");
        return new PhoneSetup(
            url,
            [
                "Install Sensor Logger. Settings, Data Streaming: turn Enable HTTP Push on.",
                "Push URL: the address. Leave the header for authentication empty.",
                "Choose the sensors: location, battery, network, pedometer and annotation become updates; fast ones become one of figures "
                + "a message.",
                "Start a recording. It sends while it records.",
            ]);
    }

    public static PhoneSetup Phyphox(SetupPhone phone)
    {
        var url = phone.Url("phyphox");
        return new PhoneSetup(
            url,
            [
                "Install phyphox, and open the file with it.",
                "Look at what would be sent and to whom, and agree.",
                "Start the experiment: every second it sends how the phone is moved, as long as it is open.",
            ],
            File: new SetupFile("activity-hub.phyphox", "application/xml", Experiment(url)));
    }

    private static string Experiment(string url)
    {
        var experiment = new XElement(
            "phyphox",
            new XAttribute("version", "1.10"),
            new XElement("title", "Activity Hub"),
            new XElement("category", "Activity Hub"),
            new XElement("description", "Sends how the phone is accelerated to its feed, once a second."),
            new XElement(
                "data-containers",
                Axes.Append("time").Select(axis => new XElement("container", new XAttribute("size", "500"), Buffer(axis)))),
            new XElement(
                "input",
                new XElement(
                    "sensor",
                    new XAttribute("type", "accelerometer"),
                    Axes.Select(axis => Output(axis, Buffer(axis))),
                    Output("t", Buffer("time")))),
            new XElement(
                "views",
                new XElement(
                    "view",
                    new XAttribute("label", "Acceleration"),
                    Axes.Select(axis => new XElement(
                        "graph",
                        new XAttribute("label", axis),
                        new XAttribute("labelX", "t (s)"),
                        new XAttribute("labelY", "a (m/s²)"),
                        new XElement("input", new XAttribute("axis", "x"), Buffer("time")),
                        new XElement("input", new XAttribute("axis", "y"), Buffer(axis)))))),
            new XElement(
                "network",
                new XElement(
                    "connection",
                    new XAttribute("id", "hub"),
                    new XAttribute("service", "http/post"),
                    new XAttribute("address", url),
                    new XAttribute("conversion", "none"),
                    new XAttribute("discovery", ""),
                    new XAttribute("autoConnect", "true"),
                    new XAttribute("interval", "1.0"),
                    Axes.Select(
                        axis =>
                            new XElement(
                                "send", new XAttribute("id", Buffer(axis)), new XAttribute("type", "buffer"),
                                new XAttribute("keep", "false"), Buffer(axis))),
                    new XElement("send", new XAttribute("id", "time"), new XAttribute("type", "time")))));
        return new XDocument(experiment).ToString();
    }

    private static string Buffer(string axis) => $"acceleration_{axis}";

    private static XElement Output(string component, string buffer) => new("output", new XAttribute("component", component), buffer);
}
