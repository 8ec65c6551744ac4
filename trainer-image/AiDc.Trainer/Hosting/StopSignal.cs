using System.Runtime.InteropServices;
using AiDc.Api;

namespace AiDc.Trainer.Hosting;

/// <summary>The wish that the process ends: SIGTERM of a node that drains, or Ctrl-C. The run looks at it between two steps.</summary>
public sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile int _exitCode;

    public CancellationToken Token => _source.Token;

    public bool Requested => _exitCode != 0;

    /// <summary>130 or 143 by the signal that came first; 0 before any.</summary>
    public int ExitCode => _exitCode;

    /// <summary>One that listens to the process's signals.</summary>
    public static StopSignal OfProcess()
    {
        var stop = new StopSignal();
        stop._registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Catch(context, ExitCodes.Terminated)));
        stop._registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Catch(context, ExitCodes.Interrupted)));
        return stop;

        void Catch(PosixSignalContext context, int exitCode)
        {
            // Who presses Ctrl-C a second time does not want to wait for a checkpoint.
            context.Cancel = !(stop.Requested && context.Signal == PosixSignal.SIGINT);
            stop.Request(exitCode);
        }
    }

    public void Request(int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0) _source.Cancel();
    }

    /// <exception cref="StoppedException">A stop was asked for.</exception>
    public void ThrowIfRequested()
    {
        if (Requested) throw new StoppedException(ExitCode);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}

/// <summary>The run ended early because a signal asked for it; what was done is in a checkpoint.</summary>
public sealed class StoppedException(int exitCode) : TrainerException(
    exitCode == ExitCodes.Terminated ? "stopped by SIGTERM" : "stopped by SIGINT", exitCode);
