using AiDc.Serving.V1;
using Grpc.Core;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>A gRPC service with a stream in both directions, as replicas may have: each hello is answered with a refusal that repeats it.</summary>
internal sealed class EchoService(TestReplica replica) : AiDc.Serving.V1.Demand.DemandBase
{
    public override async Task Session(IAsyncStreamReader<GatewayMessage> requestStream, IServerStreamWriter<OperatorMessage> responseStream, ServerCallContext context)
    {
        if (replica.Is is TestReplica.Mode.Draining or TestReplica.Mode.Full)
            throw new RpcException(
                new Status(replica.Is == TestReplica.Mode.Draining ? StatusCode.Unavailable : StatusCode.ResourceExhausted, "not now"),
                new Metadata { { "aidc-not-processed", "true" } });
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var said = requestStream.Current.Hello.Instance;
            replica.Executed.Enqueue(said);
            await responseStream.WriteAsync(new OperatorMessage { Refused = new Refused { Reason = $"{replica.Name}: {said}" } }, context.CancellationToken);
        }
    }
}
