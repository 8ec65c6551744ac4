using System.Runtime.InteropServices;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>The parts of NCCL 2.14 and newer (nccl.h) and of CUDA's runtime 12 that collectives need. Both come with libtorch for CUDA.</summary>
internal static partial class NcclNative
{
    public const int UniqueIdBytes = 128;

    // ncclResult_t.
    public const int Success = 0;
    public const int InProgress = 7;

    // ncclDataType_t and ncclRedOp_t.
    public const int Bytes = 0;
    public const int Int64 = 4;
    public const int Float32 = 7;
    public const int Float64 = 8;
    public const int BFloat16 = 9;
    public const int Sum = 0;

    // cudaError_t and flags.
    public const int CudaNotReady = 600;
    public const uint NonBlockingStream = 1;
    public const uint EventWithoutTime = 2;

    private const string Nccl = "libnccl.so.2";
    private const string Cuda = "libcudart.so.12";

    public static void Check(int code, string what)
    {
        if (code != Success)
            throw Failed(code, what);
    }

    /// <summary>NCCL names no peer.</summary>
    public static CollectiveException Failed(int code, string what) =>
        new($"{what}: {Marshal.PtrToStringUTF8(GetErrorString(code))} (NCCL error {code})");

    public static void CheckCuda(int code, string what)
    {
        if (code != 0)
            throw new CollectiveException($"{what}: CUDA error {code}");
    }

    [LibraryImport(Nccl, EntryPoint = "ncclGetUniqueId")]
    public static partial int GetUniqueId(out UniqueId id);

    [LibraryImport(Nccl, EntryPoint = "ncclCommInitRankConfig")]
    public static partial int CommInitRank(out nint communicator, int size, UniqueId id, int rank, ref Config config);

    [LibraryImport(Nccl, EntryPoint = "ncclCommGetAsyncError")]
    public static partial int GetAsyncError(nint communicator, out int state);

    [LibraryImport(Nccl, EntryPoint = "ncclCommAbort")]
    public static partial int CommAbort(nint communicator);

    [LibraryImport(Nccl, EntryPoint = "ncclAllReduce")]
    public static partial int AllReduce(nint input, nint output, nuint count, int type, int operation, nint communicator, nint stream);

    [LibraryImport(Nccl, EntryPoint = "ncclBroadcast")]
    public static partial int Broadcast(nint input, nint output, nuint count, int type, int root, nint communicator, nint stream);

    [LibraryImport(Nccl, EntryPoint = "ncclAllGather")]
    public static partial int AllGather(nint input, nint output, nuint count, int type, nint communicator, nint stream);

    [LibraryImport(Cuda, EntryPoint = "cudaSetDevice")]
    public static partial int SetDevice(int device);

    [LibraryImport(Cuda, EntryPoint = "cudaStreamCreateWithFlags")]
    public static partial int StreamCreate(out nint stream, uint flags);

    [LibraryImport(Cuda, EntryPoint = "cudaStreamDestroy")]
    public static partial int StreamDestroy(nint stream);

    [LibraryImport(Cuda, EntryPoint = "cudaStreamQuery")]
    public static partial int StreamQuery(nint stream);

    [LibraryImport(Cuda, EntryPoint = "cudaStreamWaitEvent")]
    public static partial int StreamWaitEvent(nint stream, nint cudaEvent, uint flags);

    [LibraryImport(Cuda, EntryPoint = "cudaEventCreateWithFlags")]
    public static partial int EventCreate(out nint cudaEvent, uint flags);

    [LibraryImport(Cuda, EntryPoint = "cudaEventDestroy")]
    public static partial int EventDestroy(nint cudaEvent);

    [LibraryImport(Cuda, EntryPoint = "cudaEventRecord")]
    public static partial int EventRecord(nint cudaEvent, nint stream);

    [LibraryImport(Nccl, EntryPoint = "ncclGetErrorString")]
    private static partial nint GetErrorString(int code);

    /// <summary>ncclUniqueId, passed by value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct UniqueId
    {
        private fixed byte bytes[UniqueIdBytes];

        public static UniqueId From(ReadOnlySpan<byte> from)
        {
            var id = default(UniqueId);
            from[..UniqueIdBytes].CopyTo(new Span<byte>(id.bytes, UniqueIdBytes));
            return id;
        }

        public readonly byte[] ToArray()
        {
            fixed (byte* from = bytes)
                return new ReadOnlySpan<byte>(from, UniqueIdBytes).ToArray();
        }
    }

    /// <summary>ncclConfig_t as of 2.14; newer libraries take the shorter form by its size and version.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Config
    {
        private const uint MagicNumber = 0xcafebeef;
        private const uint Version214 = 21400;

        private nuint size;
        private uint magic;
        private uint version;
        private int blocking;

        public static Config NonBlocking() =>
            new() { size = (nuint)Marshal.SizeOf<Config>(), magic = MagicNumber, version = Version214, blocking = 0 };
    }
}
