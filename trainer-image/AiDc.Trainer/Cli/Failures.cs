using System.Runtime.InteropServices;
using AiDc.Api;
using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Cli;

/// <summary>Turns the outcome of a command into its exit code and its last line.</summary>
internal static class Failures
{
    public static int Report(ILineLog log, Action command)
    {
        try
        {
            command();
            return ExitCodes.Success;
        }
        catch (TrainerException error)
        {
            log.Failed(error.ExitCode, error.Message, detail: null);
            return error.ExitCode;
        }
        catch (ExternalException error)
        {
            // libtorch: the first line says what is wrong, the rest is its stack.
            log.Failed(ExitCodes.UnexpectedFailure, $"libtorch: {error.Message.Split('\n', 2)[0]}", error.StackTrace);
            return ExitCodes.UnexpectedFailure;
        }
#pragma warning disable CA1031 // The last line of the process must be the error, whatever it is.
        catch (Exception error)
        {
            log.Failed(ExitCodes.UnexpectedFailure, $"{error.GetType().Name}: {error.Message}", error.StackTrace);
            return ExitCodes.UnexpectedFailure;
        }
#pragma warning restore CA1031
    }
}
