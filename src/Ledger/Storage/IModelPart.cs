using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Storage;

/// <summary>Maps what a folder needs beyond the mappings of its entities: storage parameters, checks, the entities of a library. Found by its type.</summary>
internal interface IModelPart
{
    /// <summary>Called before the mappings of the entities.</summary>
    void Map(ModelBuilder model, bool isPostgres);
}

internal static class ModelParts
{
    /// <summary>In the order of their names, so that the model is the same in every process.</summary>
    public static IEnumerable<IModelPart> InThisAssembly => typeof(ModelParts).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IModelPart)))
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => (IModelPart)Activator.CreateInstance(type)!);
}
