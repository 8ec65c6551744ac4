using AiDc.Trainer.Serving.Hosting;
using Grpc.Core;
using Grpc.Health.V1;
using Status = Grpc.Core.Status;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>gRPC's own health protocol, which kubelet, Envoy and the clients' load balancers ask: of the server, the protocol's service and the model by name.</summary>
internal sealed class HealthService(ModelHost host, TimeProvider time) : Health.HealthBase
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => Knows(request.Service)
        ? Task.FromResult(Now())
        : throw new RpcException(new Status(StatusCode.NotFound, $"there is no service '{request.Service}'; ask for '', '{InferenceMethods.ServiceName}' or '{host.Name}'"));

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        HealthCheckResponse.Types.ServingStatus? told = null;
        // A server that is about to end says so, and does not wait for who watches.
        while (!context.CancellationToken.IsCancellationRequested && !(host.IsDraining && told is HealthCheckResponse.Types.ServingStatus.NotServing))
        {
            var now = Knows(request.Service) ? Now() : new() { Status = HealthCheckResponse.Types.ServingStatus.ServiceUnknown };
            if (now.Status != told) await responseStream.WriteAsync(now, context.CancellationToken);
            told = now.Status;
            await Task.Delay(Look, time, context.CancellationToken);
        }
    }

    private bool Knows(string service) => service.Length == 0 || service == InferenceMethods.ServiceName || service == host.Name;

    private HealthCheckResponse Now() => new()
    {
        Status = host.IsReady ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing,
    };
}
