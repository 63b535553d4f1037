using QRCoder;

namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>A QR code as SVG: sharp at any size, and of one size wherever it is shown.</summary>
internal static class QrPicture
{
    private const int PixelsPerModule = 4;

    public static string Of(string text)
    {
        // Low correction: it is scanned from a screen, and a configuration in a link is long.
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        using var picture = new SvgQRCode(code);
        return picture.GetGraphic(PixelsPerModule);
    }
}
