using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AiDc.Trainer.Distributed.Local;

/// <summary>
/// The standard output of a process whose parent reads a protocol there. Native libraries write to it as they like (NCCL_DEBUG does): from
/// the claim on, what they write goes to the standard error, and only the protocol to the parent.
/// </summary>
internal static partial class ProtocolOutput
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    public static TextWriter Claim()
    {
        var own = Duplicate(StandardOutput);
        if (own < 0 || Duplicate(StandardError, StandardOutput) < 0)
            throw new InvalidOperationException($"the standard output cannot be set apart: {Marshal.GetLastPInvokeErrorMessage()}");
        return new StreamWriter(new FileStream(new SafeFileHandle(own, ownsHandle: true), FileAccess.Write, bufferSize: 0)) { AutoFlush = true };
    }

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(int descriptor, int to);
}
