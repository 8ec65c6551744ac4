using static TorchSharp.torch;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>
/// A communicator of NCCL with a stream of its own. A collective starts after all that torch has put on its stream so far, and
/// returns once it is done; meanwhile torch's stream goes on, so backward and sums overlap. Tensors in main memory (positions, the state
/// of a joiner) take the way over the GPU.
/// </summary>
internal sealed class NcclGroup : ICollectiveGroup
{
    private readonly CancellationTokenSource aborted;
    private readonly CancellationTokenRegistration onAbort;
    private readonly int device;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly object monitor = new();
    private readonly nint stream;
    private readonly nint torchIsThere;
    private nint communicator;

    public NcclGroup(nint communicator, int device, int rank, int size, TimeSpan timeout, TimeProvider time, CancellationTokenSource aborted)
    {
        (this.communicator, this.device, Rank, Size, this.timeout, this.time, this.aborted) = (communicator, device, rank, size, timeout, time, aborted);
        NcclNative.CheckCuda(NcclNative.StreamCreate(out stream, NcclNative.NonBlockingStream), "cudaStreamCreateWithFlags");
        NcclNative.CheckCuda(NcclNative.EventCreate(out torchIsThere, NcclNative.EventWithoutTime), "cudaEventCreateWithFlags");
        onAbort = aborted.Token.Register(AbortCommunicator);
    }

    public int Rank { get; }

    public int Size { get; }

    public void AllReduceSum(Tensor tensor) => OnDevice(tensor, Sum);

    public void Broadcast(Tensor tensor, int root) => OnDevice(tensor, t => Send(t, root));

    public void AllGather(Tensor output, Tensor input) => OnDevice(output, to => OnDevice(input, from => Gather(to, from)));

    private void Sum(Tensor tensor)
    {
        var type = tensor.dtype switch
        {
            ScalarType.Float32 => NcclNative.Float32,
            ScalarType.Float64 => NcclNative.Float64,
            ScalarType.BFloat16 => NcclNative.BFloat16,
            ScalarType.Int64 => NcclNative.Int64,
            var other => throw new ArgumentException($"the sum over ranks takes float32, float64, bfloat16 and int64, not {other}", nameof(tensor)),
        };
        var data = TensorMemory.Of(tensor, TorchSharp.DeviceType.CUDA);
        Run("ncclAllReduce", c => NcclNative.AllReduce(data, data, (nuint)tensor.numel(), type, NcclNative.Sum, c, stream));
        GC.KeepAlive(tensor);
    }

    private void Send(Tensor tensor, int root)
    {
        var data = TensorMemory.Of(tensor, TorchSharp.DeviceType.CUDA);
        Run("ncclBroadcast", c => NcclNative.Broadcast(data, data, (nuint)TensorMemory.Bytes(tensor), NcclNative.Bytes, root, c, stream));
        GC.KeepAlive(tensor);
    }

    private void Gather(Tensor output, Tensor input)
    {
        TensorMemory.RequireGathered(output, input, Size);
        var (to, from) = (TensorMemory.Of(output, TorchSharp.DeviceType.CUDA), TensorMemory.Of(input, TorchSharp.DeviceType.CUDA));
        Run("ncclAllGather", c => NcclNative.AllGather(from, to, (nuint)TensorMemory.Bytes(input), NcclNative.Bytes, c, stream));
        GC.KeepAlive(output);
        GC.KeepAlive(input);
    }

    /// <summary>NCCL has none: a sum of one number is one.</summary>
    public void Barrier()
    {
        using var one = ones([1], device: Gpu);
        Sum(one);
    }

    public void Abort() => aborted.Cancel();

    public void Dispose()
    {
        onAbort.Dispose();
        lock (monitor)
        {
            if (communicator != 0)
                _ = NcclNative.CommAbort(communicator);
            communicator = 0;
        }

        _ = NcclNative.EventDestroy(torchIsThere);
        _ = NcclNative.StreamDestroy(stream);
        aborted.Dispose();
    }

    /// <summary>Waits until all ranks have come.</summary>
    internal void WaitUntilReady(TimeSpan patience) => WaitFor("ncclCommInitRankConfig", patience, () => State() == NcclNative.Success);

    private Device Gpu => new(TorchSharp.DeviceType.CUDA, device);

    private void OnDevice(Tensor tensor, Action<Tensor> collective)
    {
        if (tensor.device_type == TorchSharp.DeviceType.CUDA)
        {
            collective(tensor);
            return;
        }

        using var there = tensor.to(Gpu);
        collective(there);
        tensor.copy_(there);
    }

    private void Run(string what, Func<nint, int> start)
    {
        // The thread may be another one than last time.
        NcclNative.CheckCuda(NcclNative.SetDevice(device), "cudaSetDevice");
        lock (monitor)
        {
            ThrowIfAborted();
            NcclNative.CheckCuda(NcclNative.EventRecord(torchIsThere, 0), "cudaEventRecord");
            NcclNative.CheckCuda(NcclNative.StreamWaitEvent(stream, torchIsThere, 0), "cudaStreamWaitEvent");
            var code = start(communicator);
            if (code is not (NcclNative.Success or NcclNative.InProgress))
                NcclNative.Check(code, what);
        }

        WaitFor(what, timeout, () => State() == NcclNative.Success && StreamIsDone());
    }

    private void WaitFor(string what, TimeSpan patience, Func<bool> done)
    {
        var start = time.GetTimestamp();
        var spin = default(SpinWait);
        while (!done())
        {
            if (time.GetElapsedTime(start) > patience)
            {
                Abort();
                throw new CollectiveException($"{what}: not done after {patience.TotalSeconds:F0} s");
            }

            // Never the sleep of a millisecond: a step has many short collectives.
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private int State()
    {
        lock (monitor)
        {
            ThrowIfAborted();
            NcclNative.Check(NcclNative.GetAsyncError(communicator, out var state), "ncclCommGetAsyncError");
            return state is NcclNative.Success or NcclNative.InProgress ? state : throw NcclNative.Failed(state, "a collective");
        }
    }

    private bool StreamIsDone()
    {
        var code = NcclNative.StreamQuery(stream);
        if (code != NcclNative.CudaNotReady)
            NcclNative.CheckCuda(code, "a collective");
        return code == 0;
    }

    private void ThrowIfAborted()
    {
        if (communicator == 0)
            throw new GroupAbortedException();
    }

    /// <summary>Ends NCCL's kernels, whatever the peers do; what waits for them sees it at its next look.</summary>
    private void AbortCommunicator()
    {
        lock (monitor)
        {
            if (communicator != 0)
                _ = NcclNative.CommAbort(communicator);
            communicator = 0;
        }
    }
}
