using System.Diagnostics;

namespace AiDc.EndToEnd;

/// <summary>Runs a command and returns what it printed; the tests use what a person would type.</summary>
internal static class Shell
{
    public static string Run(string command, params string[] arguments)
    {
        var (code, output, error) = Try(command, null, arguments);
        return code == 0 ? output : throw new AssertionException($"{command} {string.Join(' ', arguments)}: exit {code}\n{error}\n{output}");
    }

    public static (int Code, string Output, string Error) Try(string command, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = input is not null,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
