using System.Runtime.CompilerServices;

namespace ActivityHub.Conformance;

/// <summary>The checkout from which the tests were built.</summary>
internal static class Repository
{
    /// <summary>The folder with Hub.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot([CallerFilePath] string here = "")
    {
        // The output folder is normally inside the repository; the path of this source file is the fallback for other output folders.
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here)! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("Hub.sln is in no folder above the tests.");
    }
}
