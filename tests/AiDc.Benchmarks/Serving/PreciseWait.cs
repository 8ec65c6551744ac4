using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AiDc.Benchmarks.Serving;

/// <summary>Waits to within some tens of microseconds and without using the processor; .NET's timers are a millisecond or two late.</summary>
internal static partial class PreciseWait
{
    /// <param name="due">A timestamp of <see cref="Stopwatch"/>.</param>
    public static void Until(long due)
    {
        while (due - Stopwatch.GetTimestamp() is > 0 and var left)
        {
            var nanoseconds = (long)(left * (1e9 / Stopwatch.Frequency));
            var time = new Timespec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
            _ = Nanosleep(ref time, IntPtr.Zero);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Nanosleep(ref Timespec time, IntPtr remaining);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
