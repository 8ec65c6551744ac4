using System.Runtime.InteropServices;
using TorchSharp;

namespace AiDc.Trainer.Hosting;

/// <summary>Process-wide settings of libtorch and of the C library under it. First thing of every command that computes.</summary>
public static partial class TorchRuntime
{
    private const int TrimThreshold = -1;
    private const int MmapMaximum = -4;

    /// <summary>
    /// Rounds of waiting, some tens of nanoseconds each: about the gap between two operations of a step. Measured with 16 others
    /// running on two cores: 300,000 rounds (libgomp's default) 105 images/s, 20,000 395, 2,000 811, none 1,275.
    /// </summary>
    private const string SpinCount = "1000";

    private const int SpareThreads = 16;

    /// <param name="threads">Threads that share one operation; at least 1. Results depend on it in the last bit.</param>
    public static void Configure(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        // Activations of a step are large and are freed each step. By default the C library takes and returns them with
        // mmap and trim every time, which costs up to a third of the speed; this keeps them.
        _ = SetMallocOption(MmapMaximum, 0);
        _ = SetMallocOption(TrimThreshold, int.MaxValue);
        // OpenMP's threads spin while they wait for each other. Where they share the cores with others, a thread that spins
        // keeps the one that it waits for from running. So they spin shortly and sleep then. Read once, when libgomp is
        // loaded; whoever set it before knows better.
        _ = SetEnvironment("GOMP_SPINCOUNT", SpinCount, overwrite: 0);
        // The pool starts with a thread for each core and adds others slowly: reading, decoding and uploading must not hold up the
        // connection to the operator, which needs some too.
        ThreadPool.GetMinThreads(out var workers, out var completions);
        _ = ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + SpareThreads), completions);
        // libtorch counts the cores of the machine and does not see a CPU quota; .NET does.
        torch.set_num_threads(threads);
    }

    /// <summary>Held by who seeds torch's generator and by who draws a model's weights from it: the process has only one.</summary>
    internal static Lock Generator { get; } = new();

    public static torch.Device BestDevice() => torch.cuda.is_available() ? torch.CUDA : torch.CPU;

    /// <summary>.NET's own setter does not reach native code.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int parameter, int value);
}
