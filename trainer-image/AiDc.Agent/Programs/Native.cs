using System.Runtime.InteropServices;

namespace AiDc.Agent.Programs;

/// <summary>What .NET does not offer of the C library: process groups, adoption of orphans, and waiting for whatever child ends.</summary>
internal static unsafe partial class Native
{
    public const int SigInt = 2, SigAbrt = 6, SigKill = 9, SigTerm = 15;
    public const int ErrNoEntry = 2, ErrInterrupted = 4, ErrNoChild = 10, ErrAccess = 13;

    /// <summary>Larger than those of any C library that is met.</summary>
    public const int SpawnAttributes = 512, FileActions = 128, SignalSet = 128;

    public const short SpawnSetGroup = 2, SpawnSetSignalDefaults = 4, SpawnSetSignalMask = 8;

    public const int CloseOnExec = 0x80000;
    public const short PollIn = 1;

    private const int SetChildSubreaper = 36;
    private const int AllChildren = 0;
    private const int Exited = 4, LeaveWaiting = 0x01000000;

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    public static partial int Spawn(out int pid, byte* file, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitFileActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyFileActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    public static partial int SetGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetSignalMask(byte* attributes, byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetSignalDefaults(byte* attributes, byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int EmptySet(byte* set);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int FillSet(byte* set);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int pid, int signal);

    /// <summary>Orphans of the programs become children of this process, which then reaps them, also where it is not the first of its container.</summary>
    public static void AdoptOrphans() => _ = Prctl(SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>Waits for a child that has ended and leaves it as it is, so that its number belongs to nobody else yet.</summary>
    /// <returns>Its number; 0 where there is no child.</returns>
    public static int WaitForAny()
    {
        var info = stackalloc byte[128];
        while (WaitId(AllChildren, 0, info, Exited | LeaveWaiting) != 0)
        {
            if (Marshal.GetLastPInvokeError() != ErrInterrupted)
                return 0;
        }

        return *(int*)(info + 16);
    }

    /// <summary>Takes the end of a child.</summary>
    /// <returns>Its code and the signal that ended it, as <see cref="Deciding.ProgramEnd"/> has them.</returns>
    public static (int Code, int Signal) Reap(int pid)
    {
        int status;
        while (WaitPid(pid, &status, 0) < 0 && Marshal.GetLastPInvokeError() == ErrInterrupted)
        {
        }

        var signal = status & 0x7f;
        return signal == 0 ? ((status >> 8) & 0xff, 0) : (128 + signal, signal);
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int kind, int id, byte* info, int options);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, int* status, int options);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
