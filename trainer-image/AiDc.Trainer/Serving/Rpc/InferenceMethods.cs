using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Rpc.Wire;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>
/// The methods as ASP.NET takes them, with our own reading of messages: the generated one answers bytes that are no message with an unknown
/// error and no reason.
/// </summary>
internal sealed class InferenceMethods : IServiceMethodProvider<InferenceService>
{
    public const string ServiceName = "inference.GRPCInferenceService";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<InferenceService> context)
    {
        Add(context, "ServerLive", ServerLiveRequest.Parser, (s, _, _) => Task.FromResult(s.ServerLive()));
        Add(context, "ServerReady", ServerReadyRequest.Parser, (s, _, _) => Task.FromResult(s.ServerReady()));
        Add(context, "ModelReady", ModelReadyRequest.Parser, (s, r, _) => Task.FromResult(s.ModelReady(r)));
        Add(context, "ServerMetadata", ServerMetadataRequest.Parser, (_, _, _) => Task.FromResult(InferenceService.ServerMetadata()));
        Add(context, "ModelMetadata", ModelMetadataRequest.Parser, (s, r, _) => Task.FromResult(s.ModelMetadata(r)));
        Add(context, "ModelInfer", ModelInferRequest.Parser, (s, r, c) => s.ModelInferAsync(r, c), new InferenceRoute(WireProtocol.Grpc));
    }

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<InferenceService> context, string name, MessageParser<TRequest> parser,
        Func<InferenceService, TRequest, ServerCallContext, Task<TResponse>> method, params object[] metadata)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage
    {
        var description = new Method<TRequest, TResponse>(MethodType.Unary, ServiceName, name, Requests(parser), Responses<TResponse>());
        context.AddUnaryMethod(description, metadata, (service, request, call) => service.GuardAsync(call, () => method(service, request, call)));
    }

    private static Marshaller<T> Requests<T>(MessageParser<T> parser) where T : class, IMessage<T> => Marshallers.Create(
        (_, _) => throw new NotSupportedException(),
        context =>
        {
            try
            {
                return parser.ParseFrom(context.PayloadAsReadOnlySequence());
            }
            catch (InvalidProtocolBufferException error)
            {
                throw InferenceService.Status(ServingException.Invalid($"the message is no {typeof(T).Name}: {error.Message}", error));
            }
        });

    private static Marshaller<T> Responses<T>() where T : class, IMessage => Marshallers.Create<T>(
        (message, context) =>
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        _ => throw new NotSupportedException());
}
