using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// libaidc_collectives.so, beside the program; the functions are described in trainer-image/native/include/aidc_collectives.h.
/// The runtime opens it with its symbols local, and it exports none of Gloo's, of which libtorch has some of its own.
/// </summary>
internal static unsafe partial class GlooNative
{
    public const int AddressBytes = 64;
    public const int Float32 = 0;
    public const int Float64 = 1;
    public const int BFloat16 = 2;
    public const int Int64 = 3;

    private const string Library = "aidc_collectives";
    private const int Timeout = 2;
    private const int Aborted = 3;
    private const int Invalid = 4;
    private const int MaxClosedRanks = 64;
    private const int MaxText = 512;

    /// <summary>A whole number of milliseconds, at least one.</summary>
    public static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    /// <summary>Nothing for a success, else the exception that the code stands for.</summary>
    public static void Check(int code, in Error error)
    {
        if (code == 0)
            return;
        var text = error.Message;
        throw code switch
        {
            Aborted => new GroupAbortedException(),
            Invalid => new ArgumentException(text),
            Timeout => new CollectiveException(text),
            _ => new CollectiveException(text, error.Ranks),
        };
    }

    [LibraryImport(Library, EntryPoint = "aidc_group_prepare", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Prepare(string address, int rank, int size, long collectiveTimeout, out GlooHandle group, out Error error);

    [LibraryImport(Library, EntryPoint = "aidc_group_address")]
    public static partial int Address(GlooHandle group, Span<byte> bytes);

    [LibraryImport(Library, EntryPoint = "aidc_group_connect")]
    public static partial int Connect(GlooHandle group, ReadOnlySpan<byte> addresses, long timeout, out Error error);

    [LibraryImport(Library, EntryPoint = "aidc_group_all_reduce_sum")]
    public static partial int AllReduceSum(GlooHandle group, nint data, long elements, int type, out Error error);

    [LibraryImport(Library, EntryPoint = "aidc_group_broadcast")]
    public static partial int Broadcast(GlooHandle group, nint data, long bytes, int root, out Error error);

    [LibraryImport(Library, EntryPoint = "aidc_group_all_gather")]
    public static partial int AllGather(GlooHandle group, nint output, nint input, long bytes, out Error error);

    [LibraryImport(Library, EntryPoint = "aidc_group_barrier")]
    public static partial int Barrier(GlooHandle group, out Error error);

    /// <summary>Nothing to abort once the group was disposed of.</summary>
    public static void Abort(GlooHandle group)
    {
        try
        {
            AbortNative(group);
        }
        catch (ObjectDisposedException)
        {
            // Idempotent, also against Dispose on another thread.
        }
    }

    [LibraryImport(Library, EntryPoint = "aidc_group_destroy")]
    public static partial void Destroy(nint group);

    [LibraryImport(Library, EntryPoint = "aidc_group_abort")]
    private static partial void AbortNative(GlooHandle group);

    /// <summary>struct aidc_error.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Error
    {
        private readonly int code;
        private readonly int closedCount;
        private fixed int closedRanks[MaxClosedRanks];
        private fixed byte text[MaxText];

        public readonly int[] Ranks
        {
            get
            {
                fixed (int* ranks = closedRanks)
                    return new ReadOnlySpan<int>(ranks, closedCount).ToArray();
            }
        }

        public readonly string Message
        {
            get
            {
                fixed (byte* bytes = text)
                    return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(bytes));
            }
        }
    }
}

/// <summary>A native group; freed once no call is inside it any more.</summary>
internal sealed class GlooHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        GlooNative.Destroy(handle);
        return true;
    }
}
