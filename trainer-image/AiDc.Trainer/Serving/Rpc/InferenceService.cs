using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Hosting;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Rpc.Wire;
using AiDc.Trainer.Serving.Telemetry;
using Google.Protobuf;
using Grpc.Core;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>The Open Inference Protocol v2 over gRPC.</summary>
internal sealed class InferenceService(ModelHost host, FailureLog failures)
{
    public ServerLiveResponse ServerLive() => new() { Live = host.IsLive };

    public ServerReadyResponse ServerReady() => new() { Ready = host.IsReady };

    public ModelReadyResponse ModelReady(ModelReadyRequest request) => host.Has(request.Name, request.Version)
        ? new() { Ready = host.IsReady }
        : throw new ServingException(ServingError.NotFound, $"there is no model '{request.Name}' of version '{request.Version}' here; this server has '{host.Name}'");

    public static ServerMetadataResponse ServerMetadata()
    {
        var response = new ServerMetadataResponse { Name = ServerIdentity.Name, Version = ServerIdentity.Version };
        response.Extensions.AddRange(ServerIdentity.Extensions);
        return response;
    }

    public ModelMetadataResponse ModelMetadata(ModelMetadataRequest request)
    {
        var model = host.Get(request.Name, request.Version).Metadata;
        var response = new ModelMetadataResponse { Name = model.Name, Platform = model.Platform };
        response.Versions.AddRange(model.Versions);
        response.Inputs.AddRange(model.Inputs.Select(Tensor));
        response.Outputs.AddRange(model.Outputs.Select(Tensor));
        return response;

        static ModelMetadataResponse.Types.TensorMetadata Tensor(TensorMetadata tensor)
        {
            var message = new ModelMetadataResponse.Types.TensorMetadata { Name = tensor.Name, Datatype = tensor.Datatype.NameOf() };
            message.Shape.AddRange(tensor.Shape);
            return message;
        }
    }

    public async Task<ModelInferResponse> ModelInferAsync(ModelInferRequest request, ServerCallContext call)
    {
        var scope = RequestScope.Of(call.GetHttpContext());
        if (request.Id.Length > 0) scope.Id = request.Id;
        if (scope.WantsPayloads) scope.RequestPayload = request.ToByteArray();
        var model = host.Get(request.ModelName, request.ModelVersion);
        await scope.EnterAsync();
        var outcome = await model.InferAsync(scope, () =>
        {
            OutputSelection.Check(model.Metadata, request.Outputs.Select(o => o.Name));
            return InferMessages.Inputs(request, scope.Memory);
        });
        var response = InferMessages.Response(request, model.Metadata, outcome, scope.Memory);
        if (scope.WantsPayloads) scope.ResponsePayload = response.ToByteArray();
        scope.BeginAnswer();
        return response;
    }

    /// <summary>Answers with what an exception means.</summary>
    public async Task<T> GuardAsync<T>(ServerCallContext call, Func<Task<T>> method)
    {
        var scope = call.GetHttpContext().Features.Get<RequestScope>();
        try
        {
            return await method();
        }
#pragma warning disable CA1031 // Whatever happens in a request, it is answered, and the server goes on.
        catch (Exception error)
        {
            var fault = Faults.Of(error, scope);
            if (fault.Error == ServingError.ModelFailed) failures.Write(fault, call.Method);
            if (scope is not null) scope.Error = fault.Message;
            throw Status(fault);
        }
#pragma warning restore CA1031
    }

    /// <summary>As gRPC says it.</summary>
    public static RpcException Status(ServingException fault) => new(
        new(fault.Error.GrpcStatus(), fault.Message), fault.Error.NotProcessed() ? new Metadata { { ServingErrors.NotProcessedHeader, "true" } } : []);
}
