using System.Runtime.CompilerServices;

namespace AiDc.Operator.Tests.Hosting;

internal static class Repository
{
    /// <summary>The folder of the solution that this was built from.</summary>
    public static string Root([CallerFilePath] string here = "")
    {
        for (var at = Path.GetDirectoryName(here); at is not null; at = Path.GetDirectoryName(at))
            if (File.Exists(Path.Combine(at, "AiDc.sln")))
                return at;
        throw new DirectoryNotFoundException($"No AiDc.sln above {here}.");
    }
}
